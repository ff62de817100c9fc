#pragma once
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct YamlValue;

/// The table of a program's settings: one line for each key, bound to the field of an options struct that owns it.
/// The struct holds the default; the table reads YAML into it, checks it, writes it out again, and documents it.
///
///   Settings settings;
///   settings.integer("model.embedding", &options.embedding, {1, 65536}, "width of the word embeddings");
///   settings.choice("model.encoder.cell", &options.cell, {"lstm"}, "recurrent cell");
///   settings.load_file("config.yaml");
///   settings.set("model.embedding=512");
///
/// Every error is a UsageError that names file:line (or the assignment), the key, its value and what would be right;
/// for an unknown key the nearest known one.
class Settings {
 public:
  struct Range {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
  };

  void integer(std::string key, int* field, Range range, std::string help);
  /// A whole number, or the word auto, which sets the field to 0.
  void integer_or_auto(std::string key, int* field, Range range, std::string help);
  void real(std::string key, double* field, Range range, std::string help);
  /// A number, or the word auto, which sets the field to 0.
  void real_or_auto(std::string key, double* field, Range range, std::string help);
  /// Likewise, or auto, which leaves the field empty.
  void real_or_auto(std::string key, std::optional<double>* field, Range range, std::string help);
  void boolean(std::string key, bool* field, std::string help);
  /// Likewise, or the word auto, which leaves the field empty.
  void boolean_or_auto(std::string key, std::optional<bool>* field, std::string help);
  void text(std::string key, std::string* field, std::string help);
  /// A text for which `check` throws UsageError if it is invalid; `allowed` describes valid ones.
  void checked_text(std::string key, std::string* field, std::string allowed,
                    std::function<void(const std::string&)> check, std::string help);
  /// One of a closed list of words; an unknown one is an error with the nearest.
  void choice(std::string key, std::string* field, std::vector<std::string> choices, std::string help);

  /// A list of numbers: `count` of them, or any number of them (0). One alone may stand without brackets.
  void reals(std::string key, std::vector<double>* field, std::size_t count, Range range, std::string help);
  /// A list of whole numbers, at least so many of them.
  void integers(std::string key, std::vector<int>* field, std::size_t least, Range range, std::string help);
  /// A list of words of a closed list; one alone may stand without brackets.
  void choices(std::string key, std::vector<std::string>* field, std::vector<std::string> choices, std::string help);
  /// A text that others may follow in a list.
  void text_and_others(std::string key, std::string* first, std::vector<std::string>* others, std::string help);
  /// A list of texts; one alone may stand without brackets.
  void texts(std::string key, std::vector<std::string>* field, std::string help);
  /// Another name for keys of the table: a value that is given by it is given to each of them. It may be a section's,
  /// whose keys can be given one by one as well.
  void alias(std::string name, std::vector<std::string> keys);

  /// How many sections there are of a kind, and the table of each.
  struct Sections {
    std::function<std::size_t()> count;
    std::function<void(std::size_t)> make;  ///< so many, each as new
    std::function<void(Settings& table, std::size_t section)> describe;
  };
  /// A section of the table, which has the keys of the first, may be a list of sections.
  void list_of_sections(std::string section, Sections sections);

  /// Reads a YAML mapping (nested mappings join their keys with dots). Unknown keys, wrong types, values out of range
  /// and keys given twice are errors. `name` is used in messages. An empty document sets nothing.
  void load(std::string_view yaml, const std::string& name);
  void load_file(const std::filesystem::path& path);
  /// The text or file, then each assignment, as for set(). An assigned key's value in it is ignored.
  void load(std::string_view yaml, const std::string& name, const std::vector<std::string>& assignments);
  void load_file(const std::filesystem::path& path, const std::vector<std::string>& assignments);
  /// "key=value", the value in YAML; a section takes a mapping: "data.train={source: a, target: b}".
  void set(const std::string& assignment);

  /// True if the key was given by load() or set().
  bool given(std::string_view key) const;
  /// Whether it was given by its own name, and not by an alias, which may mean others too.
  bool named(std::string_view key) const;
  /// A key's value, as YAML. Throws Error if there is no such key.
  std::string value(std::string_view key) const;
  /// Every key with its value, as a YAML document that load() reads back to the same values.
  std::string to_yaml() const;
  /// "key  (default; what is allowed)  help" lines, for --help and the docs.
  std::string describe() const;
  std::vector<std::string> keys() const;

 private:
  struct Entry {
    std::string key;
    std::string help;
    std::string allowed;  // "whole number, 1 to 65536", "lstm | gru"
    std::function<std::string(const std::string&)>
        parse;                           // sets the field; returns "" or what is wrong and what would be right
    std::function<std::string()> print;  // as YAML
    std::function<std::string(const std::vector<std::string>&)> parse_list = nullptr;  // in the place of `parse`
    std::string initial = {};
    bool null_is_empty = false;  // a text may be given as `key:` or `key: ~`
    bool given = false;
    bool named = false;  // given by its own name
  };
  void add(Entry entry);
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }
  using Lists = std::vector<std::pair<std::string, Sections>>;
  const Lists::value_type* list_of(std::string_view key) const;
  std::vector<YamlValue> flatten(std::string_view yaml, const std::string& name, const std::string& key) const;
  void make_room(const YamlValue& value, const std::string& key, std::vector<std::string>& made);
  void take(const YamlValue& value);
  void print_sections(const Lists::value_type& list, int depth, std::string& out) const;
  struct Assignment;
  static Assignment split(const std::string& assignment);
  void assign(std::string_view yaml, const std::string& name, const std::string& key,
              const std::vector<std::string>& replaced = {});
  void print_section(const std::string& prefix, int depth, std::string& out) const;

  std::vector<Entry> entries_;
  std::vector<std::pair<std::string, std::vector<std::string>>> aliases_;
  Lists lists_;
};

}  // namespace heed

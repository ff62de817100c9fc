#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed::serve {

using Json = nlohmann::json;                 // what is read: it finds a key at once, however many there are
using OrderedJson = nlohmann::ordered_json;  // what is written

/// As text; bytes that are no UTF-8, as of a file's name, become U+FFFD.
std::string dump(const OrderedJson& json);
/// The body of a request. Throws Problem 400.
Json read_json(std::string_view body);
/// One that is an object.
Json read_object(std::string_view body);

/// Takes the values of an object by their names; whatever is not right, or not asked for, is a Problem 400 that says
/// so.
class Fields {
 public:
  explicit Fields(Json object) : object_(std::move(object)) {}

  bool has(const char* name) const { return object_.contains(name); }
  /// Nothing if it is not there.
  std::optional<Json> take(const char* name);
  bool flag(const char* name, bool usual);
  std::int64_t integer(const char* name, std::int64_t usual, std::int64_t least, std::int64_t most);
  double number(const char* name, double usual, double least, double most);
  std::string text(const char* name, std::string usual);
  /// One of some words.
  std::string word(const char* name, const std::vector<std::string>& words);
  /// Refuses what was not taken.
  void finish() const;

 private:
  Json object_;
  std::vector<std::string> known_;
};

/// Texts without a NUL byte; `name` is for messages.
std::string text_of(const std::string& name, const Json& json);
std::vector<std::string> texts_of(const std::string& name, const Json& json);

}  // namespace heed::serve

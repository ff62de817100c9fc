#include "settings_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/regular_file.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

bool in_section(std::string_view key, std::string_view section) {
  return key.size() > section.size() && key.starts_with(section) && key[section.size()] == '.';
}

class Flattener {
 public:
  Flattener(const std::string& name, bool lines, const YamlNames& names)
      : name_(name), lines_(lines), keys_(names.keys), aliases_(names.aliases), lists_(names.lists) {}

  // The node that stands at `key`: a scalar or list of a known key or alias, or a mapping of a known section ("" is the
  // whole document).
  void visit(const std::string& key, const YAML::Node& node, const YAML::Mark& mark) {
    const bool is_key = std::find(keys_.begin(), keys_.end(), key) != keys_.end();
    const auto alias =
        std::find_if(aliases_.begin(), aliases_.end(), [&](const auto& each) { return each.first == key; });
    const bool is_alias = alias != aliases_.end();
    const bool is_section =
        key.empty() || std::any_of(keys_.begin(), keys_.end(), [&](auto& known) { return in_section(known, key); });
    if (!is_key && !is_alias && !is_section) throw fault(mark, key, "unknown key " + in_quotes(key) + suggestion(key));
    if (is_section && node.IsNull() && lines_) return;  // a section without lines
    if (is_section && node.IsMap()) return visit_map(key, node);
    if (is_section && node.IsSequence() && std::find(lists_.begin(), lists_.end(), key) != lists_.end())
      return visit_list(key, node, mark);
    if (is_alias) {
      for (const std::string& meant : alias->second) {
        add(meant, node, mark);
        values_.back().by_alias = true;
      }
      return;
    }
    if (is_section) throw fault(mark, key, wants_keys(key));
    add(key, node, mark);
  }

  std::vector<YamlValue> values() && { return std::move(values_); }

  std::string at(const YAML::Mark& mark) const {
    return lines_ && !mark.is_null() ? fmt::format("{}:{}", name_, mark.line + 1) : name_;
  }

  UsageError fault(const YAML::Mark& mark, const std::string& key, const std::string& what) const {
    return UsageError(at(mark) + ": " + what, place(mark, key));
  }

 private:
  void visit_map(const std::string& section, const YAML::Node& map) {
    if (map.size() == 0 && !lines_) throw fault(YAML::Mark::null_mark(), section, wants_keys(section));
    std::set<std::string> here;
    for (const auto& entry : map) {
      const YAML::Node& name = entry.first;
      if (!name.IsScalar()) throw fault(name.Mark(), section, "a key must be a word");
      const std::string key = section.empty() ? name.Scalar() : section + "." + name.Scalar();
      if (!here.insert(key).second) throw twice(key, name.Mark());
      if (key.empty()) throw fault(name.Mark(), section, "a key is empty");
      visit(key, entry.second, name.Mark());
    }
  }

  void visit_list(const std::string& section, const YAML::Node& list, const YAML::Mark& mark) {
    if (list.size() == 0) throw fault(mark, section, fmt::format("the list of '{}' is empty", section));
    const std::size_t first = values_.size();
    const std::set<std::string> found = found_;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].IsMap()) throw fault(mark, section, fmt::format("'{}' has an item that is no mapping", section));
      found_ = found;  // each item has its own
      const std::size_t begin = values_.size();
      visit_map(section, list[i]);
      for (std::size_t v = begin; v < values_.size(); ++v) values_[v].section = i;
    }
    for (std::size_t v = first; v < values_.size(); ++v) {
      values_[v].list = section;
      values_[v].sections = list.size();
    }
  }

  ErrorPlace place(const YAML::Mark& mark, const std::string& key) const {
    if (!lines_) return {.key = key};
    return {.file = name_, .line = mark.is_null() ? 0 : mark.line + 1, .key = key};
  }

  void add(const std::string& key, const YAML::Node& node, const YAML::Mark& mark) {
    if (node.IsMap()) throw fault(mark, key, fmt::format("'{}' has a mapping; it takes one value", key));
    if (!found_.insert(key).second) throw twice(key, mark);
    YamlValue out{key, {}, at(mark), place(mark, key), node.IsNull(), node.IsSequence()};
    if (!out.is_list) out.items.push_back(node.IsNull() ? "" : node.Scalar());
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) throw fault(mark, key, fmt::format("the list of '{}' holds what is no value", key));
      out.items.push_back(item.Scalar());
    }
    // From "\0": the file that such a text names is that of what stands before it.
    if (std::ranges::any_of(out.items, [](const std::string& item) { return item.find('\0') != item.npos; }))
      throw fault(mark, key, fmt::format("'{}' has a NUL byte; expected plain text", key));
    values_.push_back(std::move(out));
  }

  UsageError twice(const std::string& key, const YAML::Mark& mark) const {
    return fault(mark, key, "the key '" + key + "' is given twice");
  }

  std::string wants_keys(const std::string& section) const {
    if (section.empty()) return "a mapping is expected, lines like 'key: value'";
    std::string names;
    for (const std::string& known : keys_) {
      if (in_section(known, section)) names += (names.empty() ? "" : ", ") + known.substr(section.size() + 1);
    }
    return "'" + section + "' is a section; it takes a mapping with keys of: " + names;
  }

  // A key or a section.
  std::string suggestion(const std::string& key) const {
    std::vector<std::string> candidates(keys_.begin(), keys_.end());
    std::set<std::string> sections;
    for (const std::string& known : keys_) {
      for (std::size_t dot = known.find('.'); dot != std::string::npos; dot = known.find('.', dot + 1)) {
        sections.insert(known.substr(0, dot));
      }
    }
    candidates.insert(candidates.end(), sections.begin(), sections.end());
    return did_you_mean(key, candidates);
  }

  const std::string& name_;
  const bool lines_;
  const std::vector<std::string>& keys_;
  const std::vector<std::pair<std::string, std::vector<std::string>>>& aliases_;
  const std::vector<std::string>& lists_;
  std::set<std::string> found_;
  std::vector<YamlValue> values_;
};

// What yaml-cpp would pass over in silence: odd bytes (it takes 0x04 for the end of the file), huge documents.
void check_text(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kMostOfSmallFile)
    throw UsageError(name + ": too long for a configuration (more than 1 MiB)", {.file = name});
  const auto odd =
      std::find_if(yaml.begin(), yaml.end(), [](char c) { return is_control(c) && c != '\n' && c != '\r'; });
  std::size_t at = utf8::first_invalid(yaml).value_or(yaml.size());
  const bool control = static_cast<std::size_t>(odd - yaml.begin()) < at;
  if (control) at = static_cast<std::size_t>(odd - yaml.begin());
  if (at == yaml.size()) return;
  const auto line = 1 + std::count(yaml.begin(), yaml.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw UsageError(fmt::format("{}:{}: {}", name, line, control ? "a control character" : "invalid UTF-8"),
                   {.file = name, .line = line});
}

// Passes over a document, and keeps where it starts.
class Passer : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  YAML::Mark start;
};

// Where a second document starts. YAML::Load passes over it in silence, and takes what follows a stray sign (",a: 1")
// for one; YAML::LoadAll does not return then.
std::optional<YAML::Mark> second_document(const std::string& yaml) {
  std::istringstream in(yaml);
  YAML::Parser parser(in);
  Passer passer;
  if (parser.HandleNextDocument(passer) && parser.HandleNextDocument(passer)) return passer.start;
  return std::nullopt;
}

/// What the author of a file that is no YAML probably meant; `line` (from 0) is where the reader gave up.
std::string advice_on(std::string_view yaml, int line, const std::string& message) {
  std::istringstream lines{std::string(yaml)};
  std::string text;
  for (int number = 0; number <= line && std::getline(lines, text); ++number) {
    const std::string_view indent = std::string_view(text).substr(0, text.find_first_not_of(" \t"));
    if (indent.find('\t') != indent.npos)
      return fmt::format("; line {} is indented with a tab, where YAML takes spaces alone", number + 1);
  }
  const bool of_colon = message.find("map value") != std::string::npos ||
                        message.find("map key") != std::string::npos || message.find("end of map") != std::string::npos;
  return of_colon ? "; is a colon missing, or the space behind it, in this line or the one above? (key: value)" : "";
}

}  // namespace

std::vector<YamlValue> flatten_yaml(std::string_view yaml, const std::string& name, const std::string& prefix,
                                    const YamlNames& names) {
  check_text(yaml, name);
  Flattener flattener(name, prefix.empty(), names);
  try {
    if (const auto extra = second_document(std::string(yaml))) {
      throw flattener.fault(*extra, prefix, "YAML error: more than one document, or a stray sign");
    }
    const YAML::Node root = YAML::Load(std::string(yaml));
    flattener.visit(prefix, root, root.Mark());
  } catch (const YAML::Exception& e) {
    const std::string hint = prefix.empty() ? advice_on(yaml, e.mark.line, e.msg) : "; put the value in quotes";
    throw flattener.fault(e.mark, prefix, "YAML error: " + e.msg + hint);
  }
  return std::move(flattener).values();
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "'";
  for (std::size_t at = 0; at < text.size(); at += utf8::char_length(text, at)) {
    if (at > kLongest) {
      out += "...";
      break;
    }
    out += is_control(text[at]) ? " " : text.substr(at, utf8::char_length(text, at));
  }
  return out + "'";
}

std::string yaml_scalar(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' ||
           c == '_';
  };
  const bool null_word = text == "null" || text == "Null" || text == "NULL";
  const bool plain = !text.empty() && is_plain(text.front()) && !null_word &&
                     std::all_of(text.begin(), text.end(), [&](char c) { return is_plain(c) || c == '-'; });
  if (plain && text != "...") return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (is_control(c) || c == '\t') {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace heed

#include "heed/base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "settings_yaml.h"

namespace heed {
namespace {

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "whole number, 1 to 65536"
std::string describe_range(const char* kind, Settings::Range range) {
  const bool low = std::isfinite(range.low);
  const bool high = std::isfinite(range.high);
  if (low && high) return fmt::format("{}, {} to {}", kind, range.low, range.high);
  if (low) return fmt::format("{}, at least {}", kind, range.low);
  if (high) return fmt::format("{}, at most {}", kind, range.high);
  return kind;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " | ") + word;
  return out;
}

std::string print_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(yaml_scalar(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string wrong_value(const std::string& text, const std::string& allowed) {
  return fmt::format("{} is not right; expected: {}", in_quotes(text), allowed);
}

/// Empty if it is one of the choices.
std::string unknown_word(const std::string& text, const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
  const std::string hint = did_you_mean(text, choices);
  return fmt::format("unknown {}{}", in_quotes(text), hint.empty() ? "; expected: " + join(choices) : hint);
}

bool inside(double value, Settings::Range range) { return value >= range.low && value <= range.high; }

// Sets the field or says what is wrong. Numbers like 1e6, 64.0 or 010 are refused, with the number that was meant.
std::string parse_integer(const std::string& text, int* field, Settings::Range range, const std::string& allowed) {
  constexpr Settings::Range kInt = {std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
  std::optional<double> number = parse_number(text.starts_with('+') ? text.substr(1) : text);
  if (!number || *number != std::floor(*number) || !inside(*number, range) || !inside(*number, kInt)) {
    return wrong_value(text, allowed);
  }
  const int value = static_cast<int>(*number);
  if (text != std::to_string(value)) return fmt::format("{} is not right; write {}", in_quotes(text), value);
  *field = value;
  return "";
}

}  // namespace

void Settings::integer(std::string key, int* field, Range range, std::string help) {
  const std::string allowed = describe_range("whole number", range);
  const auto parse = [=](const std::string& text) { return parse_integer(text, field, range, allowed); };
  add({std::move(key), std::move(help), allowed, parse, [field] { return std::to_string(*field); }});
}

void Settings::integer_or_auto(std::string key, int* field, Range range, std::string help) {
  const std::string allowed = "auto, or " + describe_range("whole number", range);
  const auto parse = [=](const std::string& text) -> std::string {
    if (text != "auto") return parse_integer(text, field, range, allowed);
    *field = 0;
    return "";
  };
  add({std::move(key), std::move(help), allowed, parse,
       [field] { return *field == 0 ? "auto" : std::to_string(*field); }});
}

void Settings::real(std::string key, double* field, Range range, std::string help) {
  const std::string allowed = describe_range("number", range);
  const auto parse = [=](const std::string& text) -> std::string {
    const std::optional<double> number = parse_number(text);
    if (!number || !inside(*number, range)) return wrong_value(text, allowed);
    *field = *number;
    return "";
  };
  // fmt prints the shortest text that reads back as the same double.
  add({std::move(key), std::move(help), allowed, parse, [field] { return fmt::format("{}", *field); }});
}

void Settings::boolean(std::string key, bool* field, std::string help) {
  const auto parse = [field](const std::string& text) -> std::string {
    if (text != "true" && text != "false") return wrong_value(text, "true | false");
    *field = text == "true";
    return "";
  };
  add({std::move(key), std::move(help), "true | false", parse, [field] { return *field ? "true" : "false"; }});
}

void Settings::text(std::string key, std::string* field, std::string help) {
  const auto parse = [field](const std::string& text) -> std::string {
    *field = text;
    return "";
  };
  Entry entry{std::move(key), std::move(help), "text", parse, [field] { return yaml_scalar(*field); }};
  entry.null_is_empty = true;
  add(std::move(entry));
}

void Settings::checked_text(std::string key, std::string* field, std::string allowed,
                            std::function<void(const std::string&)> check, std::string help) {
  const auto parse = [field, check = std::move(check)](const std::string& text) -> std::string {
    try {
      check(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    *field = text;
    return "";
  };
  add({std::move(key), std::move(help), std::move(allowed), parse, [field] { return yaml_scalar(*field); }});
}

void Settings::choice(std::string key, std::string* field, std::vector<std::string> choices, std::string help) {
  const std::string allowed = join(choices);
  const auto parse = [field, choices = std::move(choices)](const std::string& text) {
    std::string wrong = unknown_word(text, choices);
    if (wrong.empty()) *field = text;
    return wrong;
  };
  add({std::move(key), std::move(help), allowed, parse, [field] { return yaml_scalar(*field); }});
}

void Settings::reals(std::string key, std::vector<double>* field, std::size_t count, Range range, std::string help) {
  std::string allowed = "a list of " + describe_range("numbers", range);
  if (count > 0) allowed = fmt::format("{}, {} of them", allowed, count);
  const auto parse = [=](const std::vector<std::string>& items) -> std::string {
    if (count > 0 && items.size() != count)
      return fmt::format("{} values are not right; expected: {}", items.size(), allowed);
    std::vector<double> out;
    for (const std::string& item : items) {
      const std::optional<double> number = parse_number(item);
      if (!number || !inside(*number, range)) return wrong_value(item, allowed);
      out.push_back(*number);
    }
    *field = std::move(out);
    return "";
  };
  Entry entry{std::move(key), std::move(help), allowed, nullptr,
              [field] { return fmt::format("[{}]", fmt::join(*field, ", ")); }};
  entry.parse_list = parse;
  add(std::move(entry));
}

void Settings::choices(std::string key, std::vector<std::string>* field, std::vector<std::string> choices,
                       std::string help) {
  Entry entry{std::move(key), std::move(help), "a list of " + join(choices), nullptr,
              [field] { return print_list(*field); }};
  entry.parse_list = [field, choices = std::move(choices)](const std::vector<std::string>& items) {
    std::string wrong;
    for (const std::string& item : items) wrong = wrong.empty() ? unknown_word(item, choices) : wrong;
    if (wrong.empty()) *field = items;
    return wrong;
  };
  add(std::move(entry));
}

void Settings::text_and_others(std::string key, std::string* first, std::vector<std::string>* others,
                               std::string help) {
  const auto print = [first, others] {
    std::vector<std::string> items = *others;
    items.insert(items.begin(), *first);
    return others->empty() ? yaml_scalar(*first) : print_list(items);
  };
  Entry entry{std::move(key), std::move(help), "text, or a list of texts", nullptr, print};
  entry.parse_list = [first, others](const std::vector<std::string>& items) -> std::string {
    *first = items.empty() ? "" : items.front();
    others->assign(items.begin() + (items.empty() ? 0 : 1), items.end());
    return "";
  };
  entry.null_is_empty = true;
  add(std::move(entry));
}

void Settings::texts(std::string key, std::vector<std::string>* field, std::string help) {
  Entry entry{std::move(key), std::move(help), "a list of texts", nullptr, [field] { return print_list(*field); }};
  entry.parse_list = [field](const std::vector<std::string>& items) -> std::string {
    *field = items;
    return "";
  };
  add(std::move(entry));
}

void Settings::alias(std::string name, std::vector<std::string> keys) {
  for (const std::string& key : keys) {
    if (find(key) == nullptr) throw Error(fmt::format("'{}' is another name of '{}', which is no setting", name, key));
  }
  aliases_.emplace_back(std::move(name), std::move(keys));
}

void Settings::load(std::string_view yaml, const std::string& name) { assign(yaml, name, ""); }

void Settings::load_file(const std::filesystem::path& path) { load(read_file(path), path.string()); }

struct Settings::Assignment {
  std::string name;  // for messages
  std::string key;
  std::string yaml;
};

void Settings::load_file(const std::filesystem::path& path, const std::vector<std::string>& assignments) {
  const std::string yaml = read_file(path);
  std::vector<std::string> replaced;
  for (const std::string& text : assignments) {
    const Assignment assignment = split(text);
    for (YamlValue& value : flatten_yaml(assignment.yaml, assignment.name, assignment.key, {keys(), aliases_})) {
      replaced.push_back(std::move(value.key));
    }
  }
  assign(yaml, path.string(), "", replaced);
  for (const std::string& assignment : assignments) set(assignment);
}

Settings::Assignment Settings::split(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  // In quotes only where it would not fit on a line of a message.
  std::string shown = in_quotes(assignment);
  if (shown.size() == assignment.size() + 2) shown = shown.substr(1, assignment.size());
  if (equals == std::string::npos || equals == 0) throw UsageError(shown + ": expected key=value");
  return {std::move(shown), assignment.substr(0, equals), assignment.substr(equals + 1)};
}

void Settings::set(const std::string& text) {
  const Assignment assignment = split(text);
  assign(assignment.yaml, assignment.name, assignment.key);
}

bool Settings::given(std::string_view key) const {
  const Entry* entry = find(key);
  return entry != nullptr && entry->given;
}

bool Settings::named(std::string_view key) const {
  const Entry* entry = find(key);
  return entry != nullptr && entry->named;
}

std::string Settings::value(std::string_view key) const {
  const Entry* entry = find(key);
  if (entry == nullptr) throw Error(ErrorKind::kArgument, fmt::format("there is no setting '{}'", key));
  return entry->print();
}

std::string Settings::to_yaml() const {
  std::string out;
  print_section("", 0, out);
  return out;
}

std::string Settings::describe() const {
  std::string out;
  for (const Entry& entry : entries_) {
    out += fmt::format("{}  ({}; {})  {}\n", entry.key, entry.initial, entry.allowed, entry.help);
  }
  return out;
}

std::vector<std::string> Settings::keys() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) out.push_back(entry.key);
  return out;
}

void Settings::add(Entry entry) {
  for (const Entry& other : entries_) {
    const auto inner = [](const Entry& a, const Entry& b) { return a.key.starts_with(b.key + "."); };
    if (other.key == entry.key || inner(other, entry) || inner(entry, other)) {
      throw Error(ErrorKind::kArgument, "the setting '" + entry.key + "' clashes with '" + other.key + "'");
    }
  }
  entry.initial = entry.print();
  entries_.push_back(std::move(entry));
}

const Settings::Entry* Settings::find(std::string_view key) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
  return entry == entries_.end() ? nullptr : &*entry;
}

void Settings::assign(std::string_view yaml, const std::string& name, const std::string& key,
                      const std::vector<std::string>& replaced) {
  for (const YamlValue& value : flatten_yaml(yaml, name, key, {keys(), aliases_})) {
    if (std::find(replaced.begin(), replaced.end(), value.key) != replaced.end()) continue;
    Entry* entry = find(value.key);
    if (value.is_null && !entry->null_is_empty) {
      throw UsageError(fmt::format("{}: '{}' has no value; expected: {}", value.where, value.key, entry->allowed),
                       value.place);
    }
    if (value.is_list && entry->parse_list == nullptr) {
      throw UsageError(fmt::format("{}: '{}' has a list; it takes one value", value.where, value.key), value.place);
    }
    const std::string wrong =
        entry->parse_list != nullptr ? entry->parse_list(value.items) : entry->parse(value.items.front());
    if (!wrong.empty()) {
      throw UsageError(fmt::format("{}: {}: {}", value.where, value.key, wrong), value.place);
    }
    entry->given = true;
    entry->named = !value.by_alias;
  }
}

// The keys under `prefix` ("model."), grouped into sections in the order in which these first appear.
void Settings::print_section(const std::string& prefix, int depth, std::string& out) const {
  std::vector<std::string> done;
  for (const Entry& entry : entries_) {
    if (!entry.key.starts_with(prefix)) continue;
    const std::string rest = entry.key.substr(prefix.size());
    const std::string name = rest.substr(0, rest.find('.'));
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    done.push_back(name);
    out += std::string(2 * static_cast<std::size_t>(depth), ' ') + name + ":";
    if (name == rest) {
      out += fmt::format(" {}\n", entry.print());
    } else {
      out += "\n";
      print_section(prefix + name + ".", depth + 1, out);
    }
  }
}

}  // namespace heed

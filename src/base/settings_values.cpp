// The kinds of value that a setting may have: how each is read, printed and described.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "heed/base/auto.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/settings.h"
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

// A free text in such a way that readers of YAML do not take it for a number: a folder that is called 007.
std::string print_text(const std::string& text) {
  return parse_number(text) ? fmt::format("\"{}\"", text) : yaml_scalar(text);
}

std::string print_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(print_text(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string wrong_value(const std::string& text, const std::string& allowed) {
  return fmt::format("{} is not right; expected: {}", in_quotes(text), allowed);
}

/// Empty if it is one of the choices.
std::string unknown_word(const std::string& text, const std::vector<std::string>& choices, bool list = false) {
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
  if (list && text.find(',') != std::string::npos)
    return fmt::format("{} is one word; write a list: [{}]", in_quotes(text), text);
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
    if (text != kAuto) return parse_integer(text, field, range, allowed);
    *field = 0;
    return "";
  };
  add({std::move(key), std::move(help), allowed, parse,
       [field] { return *field == 0 ? kAuto : std::to_string(*field); }});
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

namespace {

/// Hands `set` the number, or nothing for auto.
template <typename Set>
auto parse_real_or_auto(Settings::Range range, const std::string& allowed, Set set) {
  return [=](const std::string& text) -> std::string {
    const std::optional<double> number = parse_number(text);
    if (text != kAuto && (!number || !inside(*number, range))) return wrong_value(text, allowed);
    set(text == kAuto ? std::nullopt : number);
    return "";
  };
}

}  // namespace

void Settings::real_or_auto(std::string key, double* field, Range range, std::string help) {
  const std::string allowed = "auto, or " + describe_range("number", range);
  const auto set = [field](std::optional<double> number) { *field = number.value_or(0); };
  add({std::move(key), std::move(help), allowed, parse_real_or_auto(range, allowed, set),
       [field] { return *field == 0 ? kAuto : fmt::format("{}", *field); }});
}

void Settings::real_or_auto(std::string key, std::optional<double>* field, Range range, std::string help) {
  const std::string allowed = "auto, or " + describe_range("number", range);
  const auto set = [field](std::optional<double> number) { *field = number; };
  add({std::move(key), std::move(help), allowed, parse_real_or_auto(range, allowed, set),
       [field] { return field->has_value() ? fmt::format("{}", **field) : kAuto; }});
}

void Settings::boolean(std::string key, bool* field, std::string help) {
  const auto parse = [field](const std::string& text) -> std::string {
    if (text != "true" && text != "false") return wrong_value(text, "true | false");
    *field = text == "true";
    return "";
  };
  add({std::move(key), std::move(help), "true | false", parse, [field] { return *field ? "true" : "false"; }});
}

void Settings::boolean_or_auto(std::string key, std::optional<bool>* field, std::string help) {
  constexpr const char* kAllowed = "auto | true | false";
  const auto parse = [field](const std::string& text) -> std::string {
    if (text != "true" && text != "false" && text != kAuto) return wrong_value(text, kAllowed);
    *field = text == kAuto ? std::nullopt : std::optional(text == "true");
    return "";
  };
  add({std::move(key), std::move(help), kAllowed, parse, [field] {
         return !field->has_value() ? kAuto : **field ? "true" : "false";
       }});
}

void Settings::text(std::string key, std::string* field, std::string help) {
  const auto parse = [field](const std::string& text) -> std::string {
    *field = text;
    return "";
  };
  Entry entry{std::move(key), std::move(help), "text", parse, [field] { return print_text(*field); }};
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

void Settings::integers(std::string key, std::vector<int>* field, std::size_t least, Range range, std::string help) {
  const std::string allowed = fmt::format("a list of {}, {} or more", describe_range("whole numbers", range), least);
  Entry entry{std::move(key), std::move(help), allowed, nullptr,
              [field] { return fmt::format("[{}]", fmt::join(*field, ", ")); }};
  entry.parse_list = [=](const std::vector<std::string>& items) -> std::string {
    if (items.size() < least) return fmt::format("{} values are not right; expected: {}", items.size(), allowed);
    std::vector<int> out(items.size());
    std::string wrong;
    for (std::size_t i = 0; i < out.size() && wrong.empty(); ++i)
      wrong = parse_integer(items[i], &out[i], range, allowed);
    if (wrong.empty()) *field = std::move(out);
    return wrong;
  };
  add(std::move(entry));
}

void Settings::choices(std::string key, std::vector<std::string>* field, std::vector<std::string> choices,
                       std::string help) {
  Entry entry{std::move(key), std::move(help), "a list of " + join(choices), nullptr,
              [field] { return print_list(*field); }};
  entry.parse_list = [field, choices = std::move(choices)](const std::vector<std::string>& items) {
    std::string wrong;
    for (const std::string& item : items) wrong = wrong.empty() ? unknown_word(item, choices, true) : wrong;
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
    return others->empty() ? print_text(*first) : print_list(items);
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

}  // namespace heed

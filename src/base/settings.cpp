#include "heed/base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "settings_yaml.h"

namespace heed {

void Settings::alias(std::string name, std::vector<std::string> keys) {
  for (const std::string& key : keys) {
    if (find(key) == nullptr) throw Error(fmt::format("'{}' is another name of '{}', which is no setting", name, key));
  }
  aliases_.emplace_back(std::move(name), std::move(keys));
}

void Settings::list_of_sections(std::string section, Sections sections) {
  lists_.emplace_back(std::move(section), std::move(sections));
}

const Settings::Lists::value_type* Settings::list_of(std::string_view key) const {
  const auto list = std::find_if(lists_.begin(), lists_.end(), [&](const auto& each) {
    return key.size() > each.first.size() && key.starts_with(each.first) && key[each.first.size()] == '.';
  });
  return list == lists_.end() ? nullptr : &*list;
}

std::vector<YamlValue> Settings::flatten(std::string_view yaml, const std::string& name, const std::string& key) const {
  YamlNames names{keys(), aliases_};
  for (const auto& [section, sections] : lists_) names.lists.push_back(section);
  return flatten_yaml(yaml, name, key, names);
}

void Settings::load(std::string_view yaml, const std::string& name) { assign(yaml, name, ""); }

void Settings::load_file(const std::filesystem::path& path) {
  load(read_front(path, kMostOfSmallFile + 1), path.string());
}

struct Settings::Assignment {
  std::string name;  // for messages
  std::string key;
  std::string yaml;
};

void Settings::load_file(const std::filesystem::path& path, const std::vector<std::string>& assignments) {
  load(read_front(path, kMostOfSmallFile + 1), path.string(), assignments);  // more is refused
}

void Settings::load(std::string_view yaml, const std::string& name, const std::vector<std::string>& assignments) {
  std::vector<std::string> replaced;
  for (const std::string& text : assignments) {
    const Assignment assignment = split(text);
    for (const YamlValue& value : flatten(assignment.yaml, assignment.name, assignment.key)) {
      replaced.push_back(value.key);
      if (value.list.empty()) continue;
      for (std::string& key : keys()) {
        if (list_of(key) == list_of(value.key)) replaced.push_back(std::move(key));
      }
    }
    replaced.push_back(assignment.key);  // which may be that of a list of sections
  }
  assign(yaml, name, "", replaced);
  for (const std::string& assignment : assignments) set(assignment);
}

Settings::Assignment Settings::split(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  // In quotes only where it would not fit on a line of a message.
  std::string shown = in_quotes(assignment);
  if (shown.size() == assignment.size() + 2) shown = shown.substr(1, assignment.size());
  if (equals == std::string::npos || equals == 0) throw UsageError(shown + ": expected key=value");
  std::string value = assignment.substr(equals + 1);
  if (value == "-") value = "\"-\"";  // standard input, to YAML the beginning of a list
  return {std::move(shown), assignment.substr(0, equals), std::move(value)};
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
  const auto* list = list_of(key);
  const std::size_t sections = list == nullptr ? 1 : list->second.count();
  if (sections == 1) return entry->print();
  std::vector<std::string> values;
  for (std::size_t i = 0; i < sections; ++i) {
    Settings table;
    list->second.describe(table, i);
    values.push_back(table.value(key));
  }
  return fmt::format("[{}]", fmt::join(values, ", "));
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
    const auto inner = [](const Entry& a, const Entry& b) {
      return a.key.size() > b.key.size() && a.key[b.key.size()] == '.' && a.key.starts_with(b.key);
    };
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
  const auto is_replaced = [&](const std::string& what) {
    return std::find(replaced.begin(), replaced.end(), what) != replaced.end();
  };
  std::vector<std::string> made;
  for (const YamlValue& value : flatten(yaml, name, key)) {
    if (is_replaced(value.key) || (!value.list.empty() && is_replaced(value.list))) continue;
    make_room(value, key, made);
    if (value.section > 0) {
      Settings table;
      list_of(value.key)->second.describe(table, value.section);
      table.take(value);
      find(value.key)->given = true;
    } else {
      take(value);
    }
  }
}

// Before the first value of a list of sections, or of a section that was a list before.
void Settings::make_room(const YamlValue& value, const std::string& key, std::vector<std::string>& made) {
  const auto* list = list_of(value.key);
  if (list == nullptr || std::find(made.begin(), made.end(), list->first) != made.end()) return;
  made.push_back(list->first);
  if (!value.list.empty()) return list->second.make(value.sections);
  const std::size_t sections = list->second.count();
  if (sections == 1) return;
  if (key.size() > list->first.size() && list_of(key) == list) {
    throw UsageError(fmt::format("{}: '{}' is a list of {}: give all of it", value.where, list->first, sections),
                     value.place);
  }
  list->second.make(1);
}

void Settings::take(const YamlValue& value) {
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
  if (!wrong.empty()) throw UsageError(fmt::format("{}: {}: {}", value.where, value.key, wrong), value.place);
  entry->given = true;
  entry->named = !value.by_alias;
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
    const auto* list = list_of(entry.key);
    if (name == rest) {
      out += fmt::format(" {}\n", entry.print());
    } else if (list != nullptr && list->first == prefix + name && list->second.count() > 1) {
      out += "\n";
      print_sections(*list, depth + 1, out);
    } else {
      out += "\n";
      print_section(prefix + name + ".", depth + 1, out);
    }
  }
}

void Settings::print_sections(const Lists::value_type& list, int depth, std::string& out) const {
  for (std::size_t i = 0; i < list.second.count(); ++i) {
    Settings table;
    list.second.describe(table, i);
    std::string section;
    table.print_section(list.first + ".", depth + 1, section);
    section[2 * static_cast<std::size_t>(depth)] = '-';
    out += section;
  }
}

}  // namespace heed

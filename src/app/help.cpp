#include "help.h"

#include <vector>

namespace heed::app {
namespace {

constexpr std::size_t kColumn = 34;

/// What a value is called, and what is allowed, from "INT:INT in [1 - 1000]" or "TEXT:{text,jsonl}".
struct Value {
  std::string name;
  std::string range;
};

Value value_of(const CLI::Option& option) {
  const std::string all = option.get_type_name();
  const std::size_t colon = all.find(':');
  const std::string check = colon == std::string::npos ? "" : all.substr(colon + 1);
  Value out{all.substr(0, colon), ""};
  if (out.name == "INT" || out.name == "UINT" || out.name == "FLOAT") out.name = "N";
  if (check.starts_with('{') && check.ends_with('}')) {
    out.name = check.substr(1, check.size() - 2);
    for (char& c : out.name) c = c == ',' ? '|' : c;
  } else if (const std::size_t low = check.find('['); low != std::string::npos && check.ends_with(']')) {
    out.range = check.substr(low + 1, check.size() - low - 2);
    if (const std::size_t dash = out.range.find(" - "); dash != std::string::npos) out.range.replace(dash, 3, " to ");
  }
  return out;
}

}  // namespace

HelpFormatter::HelpFormatter() { column_width(kColumn); }

// Without what a flag sets: "--no-updates{false}".
std::string HelpFormatter::make_option_name(const CLI::Option* option, bool positional) const {
  std::string out = CLI::Formatter::make_option_name(option, positional);
  for (std::size_t open = out.find('{'); open != std::string::npos; open = out.find('{')) {
    out.erase(open, out.find('}', open) - open + 1);
  }
  return out;
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0) return "";
  const Value value = value_of(*option);
  std::vector<std::string> notes;
  if (!value.range.empty()) notes.push_back(value.range);
  if (!option->get_default_str().empty()) notes.push_back("default " + option->get_default_str());
  if (option->get_required()) notes.emplace_back("needed");
  std::string out = " " + value.name;
  if (option->get_expected_max() > 1) out += " ...";
  for (std::size_t i = 0; i < notes.size(); ++i) out += (i == 0 ? " (" : "; ") + notes[i];
  return notes.empty() ? out : out + ")";
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string name = make_option_name(option, true) + (option->get_expected_max() > 1 ? "..." : "");
  return option->get_required() ? name : "[" + name + "]";
}

}  // namespace heed::app

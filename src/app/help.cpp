#include "help.h"

#include <vector>

#include "command_tree.h"

namespace heed::app {
namespace {

constexpr std::size_t kColumn = 34;

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
  const std::string notes = notes_of(*option);
  return " " + value_of(*option).name + (option->get_expected_max() > 1 ? " ..." : "") +
         (notes.empty() ? "" : " " + notes);
}

std::string notes_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  std::vector<std::string> notes;
  if (const std::string range = value_of(option).range; !range.empty()) notes.push_back(range);
  if (!option.get_default_str().empty()) notes.push_back("default " + option.get_default_str());
  if (option.get_required()) notes.emplace_back("needed");
  std::string out;
  for (std::size_t i = 0; i < notes.size(); ++i) out += (i == 0 ? "(" : "; ") + notes[i];
  return notes.empty() ? "" : out + ")";
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string name = make_option_name(option, true) + (option->get_expected_max() > 1 ? "..." : "");
  return option->get_required() ? name : "[" + name + "]";
}

}  // namespace heed::app

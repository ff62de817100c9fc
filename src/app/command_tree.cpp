#include "command_tree.h"

#include <algorithm>
#include <sstream>

#include "help.h"

namespace heed::app {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) out.push_back(part);
  return out;
}

CommandOption described(const CLI::Option& option) {
  CommandOption out;
  for (const std::string& name : option.get_snames()) out.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.flags.push_back("--" + name);
  if (option.get_positional()) out.argument = option.get_name(true);
  out.notes = notes_of(option);
  out.description = option.get_description();
  out.value = value_of(option);
  out.many = option.get_expected_max() > 1;
  return out;
}

Command described(const CLI::App& app, const std::string& above) {
  Command out;
  out.name = app.get_name();
  out.path = above + out.name;
  out.description = app.get_description();
  out.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) out.options.push_back(described(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    out.commands.push_back(described(*command, out.path + " "));
  return out;
}

}  // namespace

OptionValue value_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {};
  const std::string all = option.get_type_name();
  const std::size_t colon = all.find(':');
  const std::string check = colon == std::string::npos ? "" : all.substr(colon + 1);
  OptionValue out{all.substr(0, colon), "", {}};
  if (out.name == "INT" || out.name == "UINT" || out.name == "FLOAT") out.name = "N";
  if (check.starts_with('{') && check.ends_with('}')) {
    out.name = check.substr(1, check.size() - 2);
    out.choices = split(out.name, ',');
    std::replace(out.name.begin(), out.name.end(), ',', '|');
  } else if (const std::size_t low = check.find('['); low != std::string::npos && check.ends_with(']')) {
    out.range = check.substr(low + 1, check.size() - low - 2);
    if (const std::size_t dash = out.range.find(" - "); dash != std::string::npos) out.range.replace(dash, 3, " to ");
  }
  return out;
}

Command command_tree(const CLI::App& program) { return described(program, ""); }

}  // namespace heed::app

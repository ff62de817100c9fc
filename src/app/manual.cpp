#include "manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "heed/base/version.h"

namespace heed::app {
namespace {

/// Text of a line as roff shows it as it is.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

/// Each line of the text is one of the page.
std::string lines(const std::string& text) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    line.erase(0, line.find_first_not_of(' ') == line.npos ? line.size() : line.find_first_not_of(' '));
    out += line.empty() ? ".PP\n" : plain(line) + "\n.br\n";
  }
  return out;
}

std::string name_of(const Command& command) {
  std::string out = command.path;
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }

std::string heading(const CommandOption& option) {
  std::vector<std::string> names;
  if (!option.argument.empty()) names.push_back("\\fI" + plain(option.argument) + "\\fR");
  for (const std::string& flag : option.flags) names.push_back(bold(flag));
  std::string out = fmt::format("{}", fmt::join(names, ", "));
  if (!option.value.name.empty()) out += " \\fI" + plain(option.value.name) + "\\fR" + (option.many ? " ..." : "");
  return option.notes.empty() ? out : out + " " + plain(option.notes);
}

std::string options_of(const Command& command) {
  std::string out = ".SH OPTIONS\n";
  for (const CommandOption& option : command.options)
    out += ".TP\n" + heading(option) + "\n" + lines(option.description);
  return out;
}

std::string commands_of(const Command& command) {
  if (command.commands.empty()) return "";
  std::string out = ".SH COMMANDS\n";
  for (const Command& each : command.commands)
    out += fmt::format(".TP\n\\fB{}\\fR(1)\n{}", plain(name_of(each)), lines(each.description));
  return out;
}

std::string synopsis(const Command& command) {
  std::string out = ".SH SYNOPSIS\n" + bold(command.path);
  if (!command.commands.empty()) return out + " \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  out += " [\\fIOPTIONS\\fR]";
  for (const CommandOption& option : command.options) {
    if (!option.argument.empty()) out += " \\fI" + plain(option.argument) + "\\fR" + (option.many ? " ..." : "");
  }
  return out + "\n";
}

}  // namespace

std::string manual_page(const Command& command) {
  const bool whole = command.path == command.name;
  const std::string description =
      whole ? command.description.substr(command.description.find(": ") + 2) : command.description;
  std::string title = name_of(command);
  std::transform(title.begin(), title.end(), title.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  std::string out = fmt::format(".TH {} 1 \"\" \"heed {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", plain(title),
                                kVersion, plain(name_of(command)), plain(description));
  out += synopsis(command) + commands_of(command) + options_of(command);
  if (!command.footer.empty()) out += ".SH NOTES\n" + lines(command.footer);
  if (!whole) out += ".SH SEE ALSO\n\\fBheed\\fR(1)\n";
  return out;
}

}  // namespace heed::app

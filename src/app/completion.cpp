#include "completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/replace_all.h"
#include "heed/base/settings.h"
#include "heed/model/config.h"
#include "output.h"

namespace heed::app {
namespace {

using Words = std::vector<std::string>;

bool is_directory(const OptionValue& value) { return value.name == "DIR" || value.name == "RUN"; }
bool is_file(const OptionValue& value) { return value.name == "FILE"; }
bool is_setting(const OptionValue& value) { return value.name == "KEY=VALUE"; }

std::string joined(const Words& words) { return fmt::format("{}", fmt::join(words, " ")); }

Words names_of(const std::vector<Command>& commands) {
  Words out;
  for (const Command& command : commands) out.push_back(command.name);
  return out;
}

Words flags_of(const Command& command) {
  Words out;
  for (const CommandOption& option : command.options) out.insert(out.end(), option.flags.begin(), option.flags.end());
  return out;
}

/// All commands, each before those below it.
std::vector<const Command*> all_of(const Command& program) {
  std::vector<const Command*> out = {&program};
  for (const Command& command : program.commands) {
    for (const Command* each : all_of(command)) out.push_back(each);
  }
  return out;
}

/// 'heed translate'|'heed bench'|...: those below another, as a pattern.
std::string paths_of(const Command& program, const std::string& between) {
  Words out;
  for (const Command* command : all_of(program)) {
    if (command != &program) out.push_back("'" + command->path + "'");
  }
  return fmt::format("{}", fmt::join(out, between));
}

// ---- bash ----

/// What bash offers for a value: words, or a kind of names.
std::string bash_action(const OptionValue& value) {
  if (!value.choices.empty()) return "words='" + joined(value.choices) + "'";
  if (is_directory(value)) return "kind=directory";
  if (is_setting(value)) return "words=$keys";
  return is_file(value) ? "kind=file" : "kind=none";
}

std::string bash_values(const Command& program) {
  std::string out;
  for (const Command* command : all_of(program)) {
    for (const CommandOption& option : command->options) {
      if (option.value.name.empty() || option.flags.empty()) continue;
      Words patterns;
      for (const std::string& flag : option.flags) patterns.push_back("'" + command->path + " " + flag + "'");
      out += fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), bash_action(option.value));
    }
  }
  return out;
}

std::string bash_words(const Command& program) {
  std::string out;
  for (const Command* command : all_of(program)) {
    const Words names = names_of(command->commands);
    out += fmt::format("    '{}') flags='{}' commands='{}' ;;\n", command->path, joined(flags_of(*command)),
                       joined(names));
  }
  return out;
}

std::string bash_script(const Command& program, const Words& keys) {
  std::string out = R"(# Completion of heed for bash, made by `heed completion bash`.
_heed() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=heed word words= kind= flags= commands=
  local keys='@KEYS@'
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      @PATHS@) command+=" $word" ;;
    esac
  done
  case "$command" in
@WORDS@  esac
  case "$command $previous" in
@VALUES@    *)
      words=$commands
      [[ $current != -* ]] || words=$flags
      [[ -n $words ]] || kind=file
      ;;
  esac
  case $kind in
    directory) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    none) COMPREPLY=() ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
      [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
      return
      ;;
  esac
  compopt -o filenames 2>/dev/null
}
complete -F _heed heed
)";
  replace_all(out, "@KEYS@", joined(keys));
  replace_all(out, "@PATHS@", paths_of(program, " | "));
  replace_all(out, "@WORDS@", bash_words(program));
  replace_all(out, "@VALUES@", bash_values(program));
  return out;
}

// ---- zsh ----

/// Between single quotes, in a specification of _arguments, where colons and brackets have a meaning.
std::string zsh_text(std::string text) {
  for (const char* c : {"\\", ":", "[", "]"}) replace_all(text, c, std::string("\\") + c);
  replace_all(text, "'", "'\\''");
  replace_all(text, "\n", " ");
  return text;
}

std::string zsh_action(const OptionValue& value) {
  if (!value.choices.empty()) return "(" + joined(value.choices) + ")";
  if (is_directory(value)) return "_files -/";
  if (is_setting(value)) return "_heed_keys";
  return is_file(value) ? "_files" : " ";
}

std::string zsh_option(const CommandOption& option) {
  const std::string value =
      option.value.name.empty() ? "" : ":" + zsh_text(option.value.name) + ":" + zsh_action(option.value);
  std::string out;
  for (const std::string& flag : option.flags) {
    const std::string others = option.many ? "*" : "(" + joined(option.flags) + ")";
    out += fmt::format(" \\\n    '{}{}[{}]{}'", others, flag, zsh_text(option.description), value);
  }
  if (option.argument.empty()) return out;
  return out + fmt::format(" \\\n    '{}:{}:{}'", option.many ? "*" : ":", zsh_text(option.argument),
                           zsh_action(option.value));
}

std::string function_of(const Command& command) {
  std::string out = "_" + command.path;
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

std::string zsh_function(const Command& command) {
  const std::string name = function_of(command);
  std::string out =
      name + "() {\n  local curcontext=$curcontext state state_descr line\n  typeset -A opt_args\n  _arguments -C";
  for (const CommandOption& option : command.options) out += zsh_option(option);
  if (command.commands.empty()) return out + "\n}\n";
  out += " \\\n    ':command:->command' \\\n    '*::options:->options'\n  case $state in\n    command)\n";
  out += "      local -a commands=(";
  for (const Command& each : command.commands)
    out += fmt::format("\n        '{}:{}'", each.name, zsh_text(each.description));
  out += "\n      )\n      _describe -t commands command commands\n      ;;\n    options)\n      case $words[1] in\n";
  for (const Command& each : command.commands) out += fmt::format("        {}) {} ;;\n", each.name, function_of(each));
  return out + "      esac\n      ;;\n  esac\n}\n";
}

std::string zsh_script(const Command& program, const Words& keys) {
  std::string out = "#compdef heed\n# Completion of heed for zsh, made by `heed completion zsh`.\n";
  out += fmt::format("_heed_keys() {{\n  local -a keys=({})\n  compadd -S '' -a keys\n}}\n", fmt::join(keys, " "));
  for (const Command* command : all_of(program)) out += zsh_function(*command);
  return out + "if [[ $funcstack[1] == _heed ]]; then\n  _heed \"$@\"\nelse\n  compdef _heed heed\nfi\n";
}

// ---- fish ----

std::string fish_text(std::string text) {
  for (const char* c : {"\\", "'"}) replace_all(text, c, std::string("\\") + c);
  replace_all(text, "\n", " ");
  return "'" + text + "'";
}

std::string fish_action(const OptionValue& value) {
  if (value.name.empty()) return "";
  if (!value.choices.empty()) return " -x -a " + fish_text(joined(value.choices));
  if (is_directory(value)) return " -x -a '(__fish_complete_directories (commandline -ct))'";
  if (is_setting(value)) return " -x -a \"$__heed_keys\"";
  return is_file(value) ? " -r -F" : " -x";
}

std::string fish_command(const Command& command) {
  const std::string where = "complete -c heed -n \"__heed_at '" + command.path + "'\"";
  std::string out;
  for (const Command& each : command.commands)
    out += fmt::format("{} -f -a {} -d {}\n", where, each.name, fish_text(each.description));
  for (const CommandOption& option : command.options) {
    std::string flags;
    for (const std::string& flag : option.flags)
      flags += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
    if (!flags.empty())
      out += where + flags + fish_action(option.value) + " -d " + fish_text(option.description) + "\n";
    if (!option.argument.empty() && is_directory(option.value)) out += where + fish_action(option.value) + "\n";
  }
  return out;
}

std::string fish_script(const Command& program, const Words& keys) {
  std::string out = R"(# Completion of heed for fish, made by `heed completion fish`.
set -g __heed_keys @KEYS@
function __heed_at
    set -l command heed
    for word in (commandline -opc)[2..]
        switch "$command $word"
            case @PATHS@
                set command "$command $word"
        end
    end
    test "$command" = "$argv[1]"
end
)";
  replace_all(out, "@KEYS@", joined(keys));
  replace_all(out, "@PATHS@", paths_of(program, " "));
  for (const Command* command : all_of(program)) out += fish_command(*command);
  return out;
}

struct Shell {
  const char* name;
  std::string (*script)(const Command& program, const Words& keys);
};

constexpr Shell kShells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

Words shell_names() {
  Words out;
  for (const Shell& shell : kShells) out.emplace_back(shell.name);
  return out;
}

}  // namespace

std::string completion_script(const std::string& shell, const Command& program, const Words& keys) {
  for (const Shell& each : kShells) {
    if (shell == each.name) return each.script(program, keys);
  }
  throw UsageError("unknown shell '" + shell + "'");
}

void add_completion(CLI::App& app) {
  CLI::App* command = app.add_subcommand("completion", "what lets a shell complete the commands and options of heed");
  struct Options {
    std::string shell;
    std::string output;
  };
  auto options = std::make_shared<Options>();
  command->add_option("shell", options->shell, "which one")->required()->check(one_of(shell_names()));
  add_output(*command, options->output);
  command->footer(
      "For bash: heed completion bash >~/.local/share/bash-completion/completions/heed\n"
      "For zsh, in a folder of $fpath: heed completion zsh >_heed\n"
      "For fish: heed completion fish >~/.config/fish/completions/heed.fish");
  command->callback([options, &app] {
    Config config;
    Words keys;
    for (const std::string& key : config.settings().keys()) keys.push_back(key + "=");
    Output out(options->output);
    out.write(completion_script(options->shell, command_tree(app), keys));
    out.finish();
  });
}

}  // namespace heed::app

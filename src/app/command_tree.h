#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace heed::app {

/// What an option takes, from what CLI11 calls its type: "INT:INT in [1 - 1000]", "TEXT:{text,jsonl}", "FILE".
struct OptionValue {
  std::string name;                  ///< "N", "text|jsonl", "FILE"; empty: nothing is taken
  std::string range;                 ///< "1 to 1000"; empty: not said
  std::vector<std::string> choices;  ///< of which it is one; empty: any
};
OptionValue value_of(const CLI::Option& option);

struct CommandOption {
  std::vector<std::string> flags;  ///< "-o", "--output"; none: an argument
  std::string argument;            ///< its name where it may stand without a flag
  std::string notes;               ///< "(1 to 1000; default 5)", or empty
  std::string description;
  OptionValue value;
  bool many = false;  ///< may be given several times, or has several values
};

struct Command {
  std::string path;  ///< "heed bench train"
  std::string name;  ///< "train"
  std::string description;
  std::string footer;
  std::vector<CommandOption> options;
  std::vector<Command> commands;
};

/// All that there is, as --help tells it: what manual pages and completions are made of.
Command command_tree(const CLI::App& program);

}  // namespace heed::app

#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace heed::app {

/// The texts of --help: "--beam N (1 to 1000; default 5)".
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_name(const CLI::Option* option, bool positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_usage(const CLI::Option* option) const override;
};

/// "(1 to 1000; default 5)" of an option that takes a value, or nothing.
std::string notes_of(const CLI::Option& option);

}  // namespace heed::app

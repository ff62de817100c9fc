#include "parts.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "heed/ranks/ranks.h"
#include "messages.h"

namespace heed::app {
namespace {

constexpr int kMostParts = 1000000;

/// Nothing but two numbers with a slash between them.
bool read_part(const std::string& text, FilePart& part) {
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, part.index);
  if (error != std::errc() || slash == end || *slash != '/') return false;
  const auto [stop, wrong] = std::from_chars(slash + 1, end, part.count);
  return wrong == std::errc() && stop == end && part.index >= 1 && part.index <= part.count && part.count <= kMostParts;
}

}  // namespace

void add_part(CLI::App& command, FilePart& part) {
  const auto fault = [](const std::string& text) {
    FilePart read;
    return read_part(text, read) ? ""
                                 : fmt::format("'{}' is not right; expected: I/N, part I of N, from 1/N to N/N", text);
  };
  command
      .add_option_function<std::string>(
          "--part", [&part](const std::string& text) { read_part(text, part); },
          "answer only the lines of part I of N, from 1: those that begin in the I-th of N equal shares of the file's "
          "bytes. The outputs of parts 1 to N, one after the other, are that of the file")
      ->type_name("I/N")
      ->check(CLI::Validator(fault, ""));
}

void warn_of_processes(const std::string& remedy) {
  const Launch launch = launch_of_environment();
  if (launch.size > 1 && launch.rank == 0)
    warn(fmt::format("{} started {} processes, each of which does all of it: {}", launch.by, launch.size, remedy));
}

void warn_of_processes(const FilePart& part) {
  if (part.is_whole()) warn_of_processes("--part I/N gives each its share (docs/scale.md)");
}

}  // namespace heed::app

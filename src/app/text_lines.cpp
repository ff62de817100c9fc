#include "text_lines.h"

#include <fmt/format.h>

#include <charconv>

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/record/source_line.h"

namespace heed::app {
namespace {

constexpr std::string_view kBetween = " ||| ";

/// Of an n-best list, whose lines so far have `texts`.
void add_nbest_line(std::string_view line, std::vector<std::string>& texts) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto digits = static_cast<std::size_t>(stop - line.data());
  if (error != std::errc() || !line.substr(digits).starts_with(kBetween))
    throw Error("no line of an n-best list; expected 'i ||| translation ||| score'");
  if (number > texts.size() || number + 1 < texts.size())
    throw Error(fmt::format("sentence {} is not the next; expected {}", number, texts.size()));
  if (number < texts.size()) return;
  line.remove_prefix(digits + kBetween.size() - 1);  // an empty translation has one space for both
  const std::size_t end = std::min(line.find(kBetween), line.size());
  texts.emplace_back(line.substr(std::min<std::size_t>(1, end), end == 0 ? 0 : end - 1));
}

}  // namespace

void add_text_format(CLI::App& command, std::string& format, const std::string& of) {
  command
      .add_option("--input-format", format,
                  "what " + of +
                      " has: a translation a line, those of `heed translate --format jsonl`, or an n-best "
                      "list, 'i ||| translation ||| ...', i from 0; of several the first counts")
      ->check(one_of({"text", "jsonl", "nbest"}))
      ->capture_default_str();
}

std::vector<std::string> read_translations(const std::string& path, const std::string& format) {
  if (format == "text") return read_lines(path);
  std::vector<std::string> out;
  for_each_line(path, [&](std::string_view line, long number) {
    try {
      format == "jsonl" ? out.push_back(read_text_line(line)) : add_nbest_line(line, out);
    } catch (const Error& error) {
      throw Error::at({.file = shown(path), .line = number}, error.what(), ErrorKind::kData);
    }
  });
  return out;
}

}  // namespace heed::app

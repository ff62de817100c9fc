#include "text_lines.h"

#include <fmt/format.h>

#include <charconv>

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/record/source_line.h"

namespace heed::app {
namespace {

constexpr std::string_view kBetween = " ||| ";

/// Of a line of an n-best list that had so many sentences before it: nothing where it is not the first of its sentence.
std::optional<std::string> text_of_nbest(std::string_view line, std::size_t sentences) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto digits = static_cast<std::size_t>(stop - line.data());
  if (error != std::errc() || !line.substr(digits).starts_with(kBetween))
    throw Error("no line of an n-best list; expected 'i ||| translation ||| score'");
  if (number > sentences || number + 1 < sentences)
    throw Error(fmt::format("sentence {} is not the next; expected {}", number, sentences));
  if (number < sentences) return std::nullopt;
  line.remove_prefix(digits + kBetween.size() - 1);  // an empty translation has one space for both
  const std::size_t end = std::min(line.find(kBetween), line.size());
  return std::string(line.substr(std::min<std::size_t>(1, end), end == 0 ? 0 : end - 1));
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

TranslationReader::TranslationReader(const std::string& path, const std::string& format)
    : path_(path), plain_(format == "text"), is_json_(format == "jsonl"), lines_(path) {}

std::optional<std::string> TranslationReader::next() {
  while (const std::optional<Line> line = lines_.next_text()) {
    if (plain_) return std::string(line->text);
    try {
      std::optional<std::string> text = is_json_ ? read_text_line(line->text) : text_of_nbest(line->text, sentences_);
      if (!text) continue;
      ++sentences_;
      return text;
    } catch (const Error& error) {
      throw Error::at({.file = shown(path_), .line = line->number}, error.what(), ErrorKind::kData);
    }
  }
  return std::nullopt;
}

}  // namespace heed::app

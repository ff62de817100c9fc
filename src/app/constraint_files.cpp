#include "constraint_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed::app {

ConstraintFiles::ConstraintFiles(const ConstraintPaths& paths)
    : prefix_(open(paths.prefix)), constraints_(open(paths.constraints)) {}

ConstraintFiles::File ConstraintFiles::open(const std::string& path) {
  return {path, path.empty() ? nullptr : std::make_unique<LineReader>(path)};
}

std::string ConstraintFiles::File::next(long line) {
  if (lines == nullptr) return "";
  const std::optional<Line> read = lines->next_text();
  if (!read) {
    throw Error(fmt::format("'{}' ends before the input: its line {} has no partner", path, line));
  }
  return std::string(read->text);
}

void ConstraintFiles::File::finish() {
  if (lines == nullptr || !lines->next()) return;
  throw Error::at({.file = path, .line = lines->lines()}, "the input has no such line");
}

void ConstraintFiles::add_to(SentenceRequest& request, long line) {
  std::string prefix = prefix_.next(line);
  if (request.prefix.empty() && !utf8::is_blank(prefix)) request.prefix = std::move(prefix);
  const std::string phrases = constraints_.next(line);
  for (std::string_view rest = phrases; !rest.empty();) {
    const std::size_t tab = std::min(rest.find('\t'), rest.size());
    std::string_view phrase = rest.substr(0, tab);
    rest.remove_prefix(std::min(tab + 1, rest.size()));
    if (utf8::is_blank(phrase)) continue;
    const bool must = !phrase.starts_with('!');
    if (!must) phrase.remove_prefix(1);
    (must ? request.must : request.must_not).emplace_back(phrase);
  }
}

void ConstraintFiles::skip(long lines) {
  for (const File* file : {&prefix_, &constraints_})
    if (file->lines) file->lines->skip(lines);
}

void ConstraintFiles::add_to(StreamChecksum& sum) {
  for (const File* file : {&prefix_, &constraints_})
    if (file->lines) file->lines->add_to(sum);
}

void ConstraintFiles::finish() {
  prefix_.finish();
  constraints_.finish();
}

}  // namespace heed::app

#include "heed/data/lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "byte_source.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kLongestLine = std::size_t{1} << 26;
constexpr std::size_t kBuffer = std::size_t{1} << 16;

// What is wrong with a line; empty if it is text.
std::string fault_of(std::string_view line) {
  if (const auto bad = utf8::first_invalid(line)) return fmt::format("invalid UTF-8 at byte {}", *bad + 1);
  const std::size_t nul = line.find('\0');
  return nul == std::string_view::npos ? "" : fmt::format("a NUL byte at byte {}; expected plain text", nul + 1);
}

}  // namespace

LineReader::LineReader(const std::string& path) : path_(path), bytes_(open_bytes(path)), buffer_(kBuffer) {}

LineReader::~LineReader() = default;

std::optional<Line> LineReader::next() {
  held_.clear();
  while (!ended_) {
    const std::size_t end = unread_.find('\n');
    const std::string_view part = unread_.substr(0, end);
    unread_.remove_prefix(end == std::string_view::npos ? part.size() : end + 1);
    const bool whole = end != std::string_view::npos;
    if (whole && skips_) {
      skips_ = false;
      continue;
    }
    if (whole && held_.empty()) return checked(part);
    // Of a line that is too long nothing is held, and it is told of at once: its end may be far away, or never come.
    if (!skips_) held_ += part;
    if (held_.size() > kLongestLine) {
      held_ = {};
      skips_ = !whole;
      return Line{"", ++lines_,
                  fmt::format("the line is longer than {} bytes; is this a file of lines?", kLongestLine)};
    }
    if (whole) return checked(held_);
    unread_ = {buffer_.data(), bytes_->read(buffer_)};
    ended_ = unread_.empty();
  }
  if (held_.empty()) return std::nullopt;
  return checked(held_);  // the last line may lack its end
}

std::optional<Line> LineReader::next_text() {
  std::optional<Line> line = next();
  if (line && !line->fault.empty()) throw Error::at({.file = shown(path_), .line = line->number}, line->fault);
  return line;
}

Line LineReader::checked(std::string_view line) {
  ++lines_;
  const std::size_t whole = line.size();
  if (lines_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {line, lines_, fault_of(line), line.size() < whole};
}

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

void check_partners(const std::string& one, std::size_t lines_of_one, const std::string& other,
                    std::size_t lines_of_other) {
  if (lines_of_one == lines_of_other) return;
  const std::string& longer = lines_of_one > lines_of_other ? one : other;
  const std::size_t first = std::min(lines_of_one, lines_of_other) + 1;
  throw Error(ErrorKind::kData,
              fmt::format("{} has {} but {} has {}: line {} of {} has no partner", shown(one),
                          count_of(lines_of_one, "line"), shown(other), lines_of_other, first, shown(longer)),
              {.file = shown(longer), .line = static_cast<long>(first)});
}

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  for_each_line(path, [&](std::string_view line, long) { lines.emplace_back(line); });
  return lines;
}

long for_each_line(const std::string& path, const std::function<void(std::string_view line, long number)>& visit) {
  LineReader reader(path);
  while (const std::optional<Line> line = reader.next_text()) visit(line->text, line->number);
  return reader.lines();
}

}  // namespace heed

#include "heed/data/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <span>
#include <system_error>

#include "byte_source.h"
#include "heed/base/checksums.h"
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

std::uint64_t size_of_text(const std::string& path) {
  const std::unique_ptr<ByteSource> bytes = open_bytes(path);
  if (const auto size = bytes->size()) return *size;
  std::vector<char> buffer(kBuffer);
  std::uint64_t out = 0;
  while (const std::size_t count = bytes->read(buffer)) out += count;
  return out;
}

// size * index / count, which would not fit.
std::uint64_t share_of(std::uint64_t size, int index, int count) {
  const auto i = static_cast<std::uint64_t>(index), n = static_cast<std::uint64_t>(count);
  return size / n * i + size % n * i / n;
}

// Lines of the first so many bytes of a text, behind which another begins, or nothing.
long lines_of(const std::string& path, std::uint64_t bytes) {
  const std::unique_ptr<ByteSource> source = open_bytes(path);
  std::vector<char> buffer(kBuffer);
  long out = 0;
  char last = '\n';
  while (bytes > 0) {
    const std::size_t count = source->read(std::span(buffer).first(std::min<std::uint64_t>(bytes, buffer.size())));
    if (count == 0) break;  // the file was cut meanwhile
    out += std::count(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count), '\n');
    last = buffer[count - 1];
    bytes -= count;
  }
  return last == '\n' ? out : out + 1;
}

}  // namespace

LineReader::LineReader(const std::string& path, FilePart part)
    : path_(path), bytes_(open_bytes(path)), buffer_(kBuffer), end_(std::numeric_limits<std::uint64_t>::max()) {
  if (!part.is_whole()) seek_part(part);
}

LineReader::~LineReader() = default;

void LineReader::seek_part(FilePart part) {
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path_, unknown)) {
    throw UsageError(
        fmt::format("{} is no file that can be read twice, and so has no parts; name a file", shown(path_)));
  }
  const std::uint64_t size = size_of_text(path_);
  begin_ = share_of(size, part.index - 1, part.count);
  end_ = share_of(size, part.index, part.count);
  if (begin_ == 0) return;
  // The line in which the share before this one ends belongs to that.
  offset_ = begin_ - 1;
  bytes_->skip(offset_);
  std::size_t end = std::string_view::npos;
  do {
    unread_ = {};
    ended_ = !refill();
    end = unread_.find('\n');
  } while (!ended_ && end == std::string_view::npos);
  unread_.remove_prefix(end == std::string_view::npos ? unread_.size() : end + 1);
  begin_ = offset_ - unread_.size();
}

void LineReader::skip(long lines) {
  while (lines > 0 && next()) --lines;
}

bool LineReader::refill() {
  unread_ = {buffer_.data(), bytes_->read(buffer_)};
  offset_ += unread_.size();
  return !unread_.empty();
}

long LineReader::before() {
  if (!before_) before_ = begin_ == 0 ? 0 : lines_of(path_, begin_);
  return *before_;
}

void LineReader::add_to(StreamChecksum& sum) {
  sum_ = &sum;
  if (begin_ > 0 || end_ < std::numeric_limits<std::uint64_t>::max()) sum.add(fmt::format("{}-{}", begin_, end_));
}

std::optional<Line> LineReader::next() {
  held_.clear();
  while (!ended_) {
    if (!skips_ && held_.empty() && is_behind_part()) return std::nullopt;
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
      if (sum_ != nullptr) sum_->add("");
      return Line{"", ++lines_,
                  fmt::format("the line is longer than {} bytes; is this a file of lines?", kLongestLine)};
    }
    if (whole) return checked(held_);
    ended_ = !refill();
  }
  if (held_.empty()) return std::nullopt;
  return checked(held_);  // the last line may lack its end
}

std::optional<Line> LineReader::next_text() {
  std::optional<Line> line = next();
  if (line && !line->fault.empty())
    throw Error::at({.file = shown(path_), .line = before() + line->number}, line->fault);
  return line;
}

Line LineReader::checked(std::string_view line) {
  ++lines_;
  const std::size_t whole = line.size();
  if (lines_ == 1 && begin_ == 0 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (sum_ != nullptr) sum_->add(line);
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

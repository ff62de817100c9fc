#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

class ByteSource;
class StreamChecksum;

/// Which lines of a file are read: those that begin in the i-th of n equal shares of its (decompressed) bytes, so that
/// the parts from 1 to n, one after the other, are the file. Where a part begins is found without reading what is
/// before it; of a compressed file by decompressing it once more.
struct FilePart {
  int index = 1;  ///< from 1
  int count = 1;
  bool is_whole() const { return count == 1; }
  /// It has the last line.
  bool is_last() const { return index == count; }
};

/// A line of a file, without its end.
struct Line {
  std::string_view text;  ///< valid until the next line is read
  long number = 0;        ///< from 1, in the part that is read
  std::string fault;      ///< the error ("invalid UTF-8 at byte 3"); empty if it is text
  bool trimmed = false;   ///< a byte-order mark, or the CR of a CRLF end, was removed
};

/// Reads the lines of a file, or of standard input for "-", one after the other. Names that end in .gz or .zst are
/// decompressed, and so is what begins as gzip and zstd files do, from a pipe too. CRLF ends and a byte-order mark are
/// removed. Throws Error with the path for a missing, unreadable or damaged (gz, zst) file.
class LineReader {
 public:
  /// Throws UsageError for a part of what can be read only once: standard input, a pipe.
  explicit LineReader(const std::string& path, FilePart part = {});
  ~LineReader();
  /// The next line, if there is one. An overlong line comes without its text, before its end is read.
  std::optional<Line> next();
  /// The same, but throws Error with file:line for a line that is not text (invalid UTF-8, a NUL byte).
  std::optional<Line> next_text();
  long lines() const { return lines_; }  ///< read so far
  /// Reads so many lines, text or not.
  void skip(long lines);
  /// Lines of the file before the part; the first call reads the file up to there to count them.
  long before();
  /// Adds all lines to a checksum from now on, as they are read, and first which bytes the part is.
  void add_to(StreamChecksum& sum);

 private:
  void seek_part(FilePart part);
  /// More bytes into the buffer; false at the end.
  bool refill();
  bool is_behind_part() const { return offset_ - unread_.size() >= end_; }
  Line checked(std::string_view line);

  std::string path_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::string_view unread_;  // of the buffer
  std::string held_;         // a line that began in an earlier buffer
  bool skips_ = false;       // skipping the rest of an overlong line
  bool ended_ = false;
  long lines_ = 0;
  std::uint64_t offset_ = 0;  // of the end of the buffer in the text,
  std::uint64_t begin_ = 0;   // where the part begins in it,
  std::uint64_t end_;         // and where lines begin that are of the next
  std::optional<long> before_;
  StreamChecksum* sum_ = nullptr;  // nobody's
};

/// A name for messages: "standard input" for "-".
std::string shown(const std::string& path);
/// Throws Error if two files differ in their number of lines: both counts, and the first line that has no partner.
void check_partners(const std::string& one, std::size_t lines_of_one, const std::string& other,
                    std::size_t lines_of_other);

/// All lines of a file. Throws Error as LineReader::next_text() does.
std::vector<std::string> read_lines(const std::string& path);
/// Visits each line, checked likewise, without holding the file. Returns the number of lines.
long for_each_line(const std::string& path, const std::function<void(std::string_view line, long number)>& visit);

}  // namespace heed

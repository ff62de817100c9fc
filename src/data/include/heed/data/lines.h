#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

class ByteSource;

/// A line of a file, without its end.
struct Line {
  std::string_view text;  ///< valid until the next line is read
  long number = 0;        ///< from 1
  std::string fault;      ///< the error ("invalid UTF-8 at byte 3"); empty if it is text
  bool trimmed = false;   ///< a byte-order mark, or the CR of a CRLF end, was removed
};

/// Reads the lines of a file, or of standard input for "-", one after the other. Names that end in .gz or .zst are
/// decompressed, and so is what begins as gzip and zstd files do, from a pipe too. CRLF ends and a byte-order mark are
/// removed. Throws Error with the path for a missing, unreadable or damaged (gz, zst) file.
class LineReader {
 public:
  explicit LineReader(const std::string& path);
  ~LineReader();
  /// The next line, if there is one. An overlong line comes without its text, before its end is read.
  std::optional<Line> next();
  /// The same, but throws Error with file:line for a line that is not text (invalid UTF-8, a NUL byte).
  std::optional<Line> next_text();
  long lines() const { return lines_; }  ///< read so far

 private:
  Line checked(std::string_view line);

  std::string path_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::string_view unread_;  // of the buffer
  std::string held_;         // a line that began in an earlier buffer
  bool skips_ = false;       // skipping the rest of an overlong line
  bool ended_ = false;
  long lines_ = 0;
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

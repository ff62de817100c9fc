#pragma once
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "heed/base/error.h"

namespace heed {
class GrowingFile;
}

namespace heed::app {

/// Whoever read standard output went away: `| head` has enough.
class ReaderGone : public Error {
 public:
  using Error::Error;
};

class FileWriter;

/// Where results go, as they come: standard output, or a file, written whole or not at all (a pipe or a device: as they
/// come), compressed if its name ends in .gz or .zst. Throws Error with the system's reason.
class Output {
 public:
  /// "" and "-" are standard output. Throws UsageError if the file is one of `inputs`: all that the command reads.
  explicit Output(std::string path, std::initializer_list<std::string> inputs = {});
  Output(std::string path, std::span<const std::string> inputs);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  /// From now on answers go to this file, which outlives it, as text, and become the output with finish().
  void write_to(GrowingFile& file) { growing_ = &file; }
  void write(std::string_view text);
  /// To be called at the end: only then does the file stand there.
  void finish();
  /// Empty for standard output.
  const std::string& path() const { return path_; }
  bool is_terminal() const;
  /// A terminal that shows colours (NO_COLOR is respected: no-color.org).
  bool has_colour() const;
  bool has_unicode() const;
  /// Columns of the terminal, or 100.
  std::size_t width() const;

 private:
  FileWriter& file();
  void finish_growing();

  std::string path_;                  // empty: standard output
  std::unique_ptr<FileWriter> file_;  // from the first that is written on
  GrowingFile* growing_ = nullptr;    // instead of it
};

/// Throws UsageError if --output is one of `inputs` ("-": standard input), by device and number: links lead there too.
/// `kind`: what to name another of.
void refuse_input_as_output(const std::string& output, std::span<const std::string> inputs, std::string_view kind);

/// The one of `names` that a file's name ends in, before .gz and .zst; `usual` without an ending, or with .txt. Throws
/// UsageError for another.
std::string format_by_ending(const std::string& output, std::span<const std::string> names, const std::string& usual);

/// What the terminal behind a file descriptor shows; a descriptor that is none: no colour, Unicode, 100 columns.
bool shows_colour(int descriptor);
bool shows_unicode(int descriptor);
std::size_t terminal_width(int descriptor);

}  // namespace heed::app

#pragma once
#include <string>
#include <string_view>

namespace heed::app {

/// Where results go: standard output, as they come, or a file, written whole or not at all. Throws Error with the
/// system's reason.
class Output {
 public:
  /// "" and "-" are standard output.
  explicit Output(std::string path);
  void write(std::string_view text);
  /// To be called at the end: only then does the file stand there.
  void finish();
  /// A terminal that shows colours (NO_COLOR is respected: no-color.org).
  bool has_colour() const;
  bool has_unicode() const;
  /// Columns of the terminal, or 100.
  std::size_t width() const;

 private:
  bool is_terminal() const;

  std::string path_;     // empty: standard output
  std::string content_;  // of the file
};

/// A line on standard error.
void warn(std::string_view text);

}  // namespace heed::app

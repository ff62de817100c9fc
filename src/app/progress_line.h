#pragma once
#include <chrono>
#include <functional>
#include <string>

namespace heed::app {

/// What long work says on standard error: a line of progress that is written over on a terminal, elsewhere a line now
/// and then, and other lines between.
class ProgressLine {
 public:
  ProgressLine();
  /// `seconds`: of the work so far. The text is only asked for if it is time for it, or for the `last` one. What
  /// matters least stands last in it, where a narrow terminal cuts.
  void show(double seconds, bool last, const std::function<std::string()>& text);
  /// A line that stays.
  void line(const std::string& text);

 private:
  bool terminal_;
  bool open_ = false;  // it stands on the terminal
  double shown_at_ = -1e9;
};

/// --progress of a command that answers lines: how many, how fast, and how long the rest will take where that is known.
class LineProgress {
 public:
  /// `path`: of the lines, or of the first of several files. `most`: lines that are answered at most; 0: all. Says
  /// nothing unless `shown`.
  /// `parts`: of one of so many of the file.
  LineProgress(bool shown, const std::string& path, long most = 0, int parts = 1);
  /// Lines of so many bytes were answered by an earlier run.
  void skip(std::size_t bytes);
  /// So many more lines of so many bytes, line ends among them, are answered.
  void add(long lines, std::size_t bytes);
  /// The line that stays.
  void finish();

 private:
  double seconds() const;
  /// Of the work that is done; 0: unknown.
  double share() const;

  bool shown_;
  long most_;
  double size_ = 0;  // of the file; 0: unknown
  ProgressLine line_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  long lines_ = 0;
  double bytes_ = 0;
  double skipped_ = 0;  // bytes
};

}  // namespace heed::app

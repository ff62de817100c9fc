#pragma once
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

}  // namespace heed::app

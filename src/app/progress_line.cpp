#include "progress_line.h"

#include <unistd.h>

#include "messages.h"
#include "output.h"

namespace heed::app {
namespace {

// Seconds from one to the next.
constexpr double kOnTerminal = 0.2;
constexpr double kElsewhere = 10;

constexpr const char* kClear = "\r\x1b[2K";

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(double seconds, bool last, const std::function<std::string()>& text) {
  if (!last && seconds - shown_at_ < (terminal_ ? kOnTerminal : kElsewhere)) return;
  shown_at_ = seconds;
  if (terminal_) {
    // Its width is asked for each time: windows are made wider and narrower. The last column stays free.
    tell(kClear + fitted(text(), terminal_width(STDERR_FILENO) - 1));
    open_ = true;
  } else {
    tell(text() + "\n");
  }
}

void ProgressLine::line(const std::string& text) {
  tell((open_ ? kClear : "") + text + "\n");
  open_ = false;
}

}  // namespace heed::app

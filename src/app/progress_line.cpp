#include "progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "figures.h"
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

LineProgress::LineProgress(bool shown, const std::string& path, long most, int parts) : shown_(shown), most_(most) {
  std::error_code ignored;
  const bool plain = !path.ends_with(".gz") && !path.ends_with(".zst");
  if (shown && plain && std::filesystem::is_regular_file(path, ignored))
    size_ = static_cast<double>(std::filesystem::file_size(path, ignored)) / parts;
}

double LineProgress::seconds() const {
  return std::max(std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(), 1e-9);
}

void LineProgress::skip(std::size_t bytes) {
  skipped_ += static_cast<double>(bytes);
  start_ = std::chrono::steady_clock::now();
}

/// The file ends, or the most lines are reached, whichever is nearer.
double LineProgress::share() const {
  const double left = size_ - skipped_;
  const double of_file = left > 0 ? bytes_ / left : 0;
  const double of_most = most_ > 0 ? static_cast<double>(lines_) / static_cast<double>(most_) : 0;
  return std::min(std::max(of_file, of_most), 1.0);
}

void LineProgress::add(long lines, std::size_t bytes) {
  lines_ += lines;
  bytes_ += static_cast<double>(bytes);
  if (!shown_) return;
  line_.show(seconds(), false, [&] {
    std::string text =
        fmt::format("{} lines  {:.0f} lines/s", grouped(lines_), static_cast<double>(lines_) / seconds());
    const double done = share();
    if (done > 0) text += fmt::format("  {:.0f} %  {} left", 100 * done, clock_time(seconds() * (1 - done) / done));
    return text;
  });
}

void LineProgress::finish() {
  if (!shown_) return;
  line_.line(fmt::format("{} lines in {}, {:.0f} lines/s", grouped(lines_), clock_time(seconds()),
                         static_cast<double>(lines_) / seconds()));
}

}  // namespace heed::app

#pragma once
#include <atomic>
#include <memory>
#include <string>

namespace heed::app {

enum class Read { kLine, kEnd, kInterrupted };

/// Lines of standard input: at a terminal a person can edit them and go back to those before (libedit; ~/.editrc is
/// heeded), which are forgotten at the end; from elsewhere they are taken as they come.
class LineInput {
 public:
  virtual ~LineInput() = default;
  /// The next line, without its end, after a prompt where a person types. An interrupt drops what was typed.
  virtual Read next(std::string& line) = 0;
};

/// `stop` is set by a signal handler that lets reading end, and stays set.
std::unique_ptr<LineInput> open_line_input(const std::atomic<bool>& stop);

}  // namespace heed::app

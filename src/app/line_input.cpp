#include "line_input.h"

#include <fmt/format.h>
#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "heed/base/error.h"
#include "messages.h"

namespace heed::app {
namespace {

constexpr int kRememberedLines = 1000;

class PlainLines : public LineInput {
 public:
  explicit PlainLines(const std::atomic<bool>& stop) : interrupted_(stop), prompts_(isatty(STDIN_FILENO) != 0) {}

  Read next(std::string& line) override {
    if (prompts_) tell("> ");
    for (;;) {
      const std::size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return Read::kLine;
      }
      if (interrupted_) {
        buffer_.clear();
        return Read::kInterrupted;
      }
      if (fill()) continue;
      line = std::exchange(buffer_, {});
      return line.empty() ? Read::kEnd : Read::kLine;
    }
  }

 private:
  /// False at the end.
  bool fill() {
    char bytes[4096];
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof(bytes));
    if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
    if (count < 0 && errno == EAGAIN) {
      pollfd one{STDIN_FILENO, POLLIN, 0};
      poll(&one, 1, -1);
    } else if (count < 0 && errno != EINTR) {
      throw Error(fmt::format("cannot read standard input: {}", std::strerror(errno)));
    }
    return count != 0;
  }

  const std::atomic<bool>& interrupted_;
  bool prompts_;
  std::string buffer_;
};

class EditedLines : public LineInput {
 public:
  explicit EditedLines(const std::atomic<bool>& stop) : interrupted_(stop) {
    // libedit reads characters of the locale; text is UTF-8 whatever that is.
    std::setlocale(LC_CTYPE, "");
    if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
    history_ = history_init();
    editor_ = el_init("heed", stdin, stderr, stderr);
    if (editor_ == nullptr || history_ == nullptr) throw Error("cannot edit lines at this terminal");
    HistEvent event;
    history(history_, &event, H_SETSIZE, kRememberedLines);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(
        editor_, EL_PROMPT, +[](EditLine*) { return const_cast<char*>("> "); });
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_source(editor_, nullptr);
  }
  ~EditedLines() override {
    if (editor_ != nullptr) el_end(editor_);
    if (history_ != nullptr) history_end(history_);
  }
  EditedLines(const EditedLines&) = delete;
  EditedLines& operator=(const EditedLines&) = delete;

  Read next(std::string& line) override {
    if (interrupted_) return Read::kInterrupted;
    int count = 0;
    const char* typed = el_gets(editor_, &count);
    if (interrupted_) return Read::kInterrupted;
    if (typed == nullptr || count <= 0) return Read::kEnd;
    line.assign(typed, static_cast<std::size_t>(count));
    if (line.ends_with('\n')) line.pop_back();
    HistEvent event;
    if (!line.empty()) history(history_, &event, H_ENTER, line.c_str());
    return Read::kLine;
  }

 private:
  const std::atomic<bool>& interrupted_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
};

}  // namespace

std::unique_ptr<LineInput> open_line_input(const std::atomic<bool>& stop) {
  // What is edited is shown on standard error, where prompts go.
  if (isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0) return std::make_unique<EditedLines>(stop);
  return std::make_unique<PlainLines>(stop);
}

}  // namespace heed::app

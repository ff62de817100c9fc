#include "interactive.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <optional>

#include "heed/base/utf8.h"
#include "heed/view/visible_text.h"
#include "line_input.h"
#include "messages.h"
#include "picture.h"
#include "signals.h"
#include "stop_signals.h"

namespace heed::app {
namespace {

constexpr const char* kHelp =
    "Type a sentence and press Enter. An empty line, :q or Ctrl-D ends, Ctrl-C drops the line, Up is the line before.\n"
    ":2 shows what alternative 2 of the last sentence attended to, :help this.\n";

std::atomic<bool> interrupted{false};

void note_interrupt(int) { interrupted = true; }

/// Ctrl-C is ours while this lives.
class InterruptGuard {
 public:
  // Without SA_RESTART: reading ends.
  InterruptGuard() : before_(handle_signal(SIGINT, note_interrupt, 0)) { interrupted = false; }
  ~InterruptGuard() { sigaction(SIGINT, &before_, nullptr); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_;
};

class Conversation {
 public:
  Conversation(const Translator& translator, const TranslateOptions& options, Output& out)
      : translator_(translator), options_(options), out_(out), prompts_(isatty(STDIN_FILENO) != 0) {}

  void run() {
    const InterruptGuard guard;
    tell(kHelp);
    const std::unique_ptr<LineInput> lines = open_line_input(interrupted);
    bool before = false;  // an interrupt just before
    for (std::string line;;) {
      const Read read = lines->next(line);
      if (read == Read::kInterrupted) {
        interrupted = false;
        if (before) throw Interrupted("ended by Ctrl-C");
        before = true;
        tell("\n(Ctrl-C again, Ctrl-D or an empty line ends)\n");
        continue;
      }
      before = false;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (read == Read::kEnd) tell("\n");
      if (read == Read::kEnd || line.empty() || ends(line)) return;
      answer(line);
    }
  }

 private:
  // For people only.
  void tell(const std::string& text) const {
    if (prompts_) app::tell(text);
  }

  void answer(const std::string& line) {
    if (line == ":help") {
      out_.write(kHelp);
    } else if (line.front() == ':' && !alternative(line)) {
      out_.write(fmt::format("(there is no command '{}'; :help names all; with a space before it, it is translated)\n",
                             visible_text(line, out_.has_unicode())));
    } else if (const std::optional<std::size_t> number = alternative(line)) {
      show_alternative(*number);
    } else if (const auto broken = utf8::first_invalid(line)) {
      out_.write(fmt::format("(not UTF-8 at byte {}: not translated)\n", *broken + 1));
    } else if (line.find('\0') != std::string::npos) {
      out_.write("(a NUL byte is no text: not translated)\n");
    } else {
      translate(line);
    }
  }

  static bool ends(const std::string& line) { return line == ":q" || line == "quit" || line == "exit"; }

  static std::optional<std::size_t> alternative(const std::string& line) {
    if (line.size() < 2 || line.front() != ':') return std::nullopt;
    std::size_t number = 0;
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data() + 1, end, number);
    return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
  }

  void show_alternative(std::size_t number) const {
    if (last_.translations.empty()) {
      out_.write("(nothing was translated yet)\n");
      return;
    }
    if (number < 1 || number > last_.translations.size()) {
      out_.write(fmt::format("(there are {} translations of the last sentence)\n", last_.translations.size()));
      return;
    }
    out_.write(fmt::format("{}\n{}\n", shown(last_.translations[number - 1]), draw(last_, number - 1, out_)));
  }

  std::string shown(const Translation& translation) const { return visible_text(translation.text, out_.has_unicode()); }

  void translate(const std::string& line) {
    last_ = translator_.translate(line, options_);
    if (interrupted) return;  // the answer is no longer wanted
    std::string text;
    if (last_.tokens_cut > 0) text += fmt::format("(only the first {} tokens)\n", options_.max_source_tokens);
    if (last_.translations.front().cut) text += "(cut at the length limit: --max-output)\n";
    for (std::size_t i = 0; i < last_.translations.size(); ++i) {
      const Translation& translation = last_.translations[i];
      text += fmt::format("{}{}  ({:.3f})\n", i == 0 ? "" : fmt::format("  {}. ", i + 1), shown(translation),
                          translation.score);
    }
    out_.write(text + draw(last_, 0, out_) + "\n");
  }

  const Translator& translator_;
  const TranslateOptions options_;
  Output& out_;
  bool prompts_;
  Translated last_;
};

}  // namespace

void translate_interactively(const Translator& translator, const TranslateOptions& options, Output& out) {
  Conversation(translator, options, out).run();
}

}  // namespace heed::app

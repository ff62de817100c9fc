#include "stop_signals.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>
#include <cstring>

#include "messages.h"
#include "signals.h"

namespace heed::app {
namespace {

// A handler sees nothing else.
std::atomic<bool> requested{false};
std::atomic<int> came{SIGINT};
std::atomic<bool> saves{false};
std::atomic<bool> told{true};
std::array<char, std::size_t{4} * PATH_MAX> to_remove;  // names, each ended by a NUL, then an empty one

void stop(int signal) {
  came = signal;
  if (!saves) {
    for (const char* name = to_remove.data(); *name != '\0'; name += std::strlen(name) + 1) {
      if (unlink(name) != 0) rmdir(name);
    }
    if (told) tell("heed: train: stopped before the first update; nothing was changed\n");
    _exit(128 + signal);
  }
  requested = true;
  std::signal(signal, SIG_DFL);
}

std::array<char, 8192> text_at_stop;  // ended by a NUL

void tell_and_end(int signal) {
  tell(text_at_stop.data());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void tell_at_stop(const std::string& text) {
  if (text.size() >= text_at_stop.size()) return;
  text.copy(text_at_stop.data(), text.size());
  text_at_stop[text.size()] = '\0';
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const struct sigaction before = handle_signal(signal, tell_and_end, SA_RESTART);
    if (before.sa_handler == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void handle_stop_signals(bool tells) {
  told = tells;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const struct sigaction before = handle_signal(signal, stop, SA_RESTART);
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void remove_at_stop(const std::vector<std::filesystem::path>& paths) {
  char* end = to_remove.data();
  for (const std::filesystem::path& path : paths) {
    const std::string& name = path.native();
    if (name.size() + 2 > static_cast<std::size_t>(to_remove.data() + to_remove.size() - end)) return;
    name.copy(end, name.size());
    end += name.size() + 1;
  }
}

void save_at_stop() { saves = true; }

const std::atomic<bool>& stop_requested() { return requested; }

int stop_signal() { return came; }

void take_stop_signal(int signal) { came = signal; }

}  // namespace heed::app

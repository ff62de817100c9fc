#include "stop_signals.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>

#include "messages.h"
#include "signals.h"

namespace heed::app {
namespace {

// A handler sees nothing else.
std::atomic<bool> requested{false};
std::atomic<int> came{SIGINT};
std::atomic<bool> saves{false};
std::atomic<bool> has_file{false};
std::array<char, PATH_MAX> file_name;

void stop(int signal) {
  came = signal;
  if (!saves) {
    if (has_file) unlink(file_name.data());
    tell("heed: train: stopped before the first update; nothing was changed\n");
    _exit(128 + signal);
  }
  requested = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void handle_stop_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const struct sigaction before = handle_signal(signal, stop, SA_RESTART);
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void remove_at_stop(const std::filesystem::path& file) {
  const std::string& name = file.native();
  if (name.size() >= file_name.size()) return;
  name.copy(file_name.data(), name.size());
  has_file = true;
}

void save_at_stop() { saves = true; }

const std::atomic<bool>& stop_requested() { return requested; }

int stop_signal() { return came; }

}  // namespace heed::app

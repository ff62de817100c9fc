#include "child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>

#include "heed/base/error.h"

namespace heed::serve {
namespace {

constexpr std::chrono::milliseconds kMoment{5};
constexpr std::chrono::seconds kToEnd{5};  // after SIGTERM
constexpr int kPriority = 10;              // as `nice` counts

class Actions {
 public:
  explicit Actions(const std::string& output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
};

/// No signal is blocked, and those that a program may wish to handle are as usual.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t usual;
    sigemptyset(&usual);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&usual, signal);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_ = {};
};

std::vector<char*> environment() {
  constexpr std::array<std::string_view, 4> kOfLaunchers = {"OMPI_", "PMI_", "PMIX_", "SLURM_"};
  std::vector<char*> out;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    if (std::ranges::none_of(kOfLaunchers, [&](std::string_view prefix) { return variable.starts_with(prefix); }))
      out.push_back(*each);
  }
  out.push_back(nullptr);
  return out;
}

pid_t begin(const Child& child) {
  std::vector<std::string> words = child.words;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t out = 0;
  const Actions actions(child.output);
  const Attributes attributes;
  const int fault =
      posix_spawn(&out, words.front().c_str(), actions.get(), attributes.get(), arguments.data(), environment().data());
  if (fault != 0) {
    throw Error(ErrorKind::kSystem, fmt::format("cannot run '{}': {}", words.front(), std::strerror(fault)));
  }
  setpriority(PRIO_PROCESS, static_cast<id_t>(out), kPriority);
  return out;
}

/// Whether the process has ended; `status` is then how.
bool has_ended(pid_t process, int& status) {
  const pid_t found = waitpid(process, &status, WNOHANG);
  if (found < 0 && errno != EINTR)
    throw Error(ErrorKind::kSystem, fmt::format("cannot wait for a program: {}", std::strerror(errno)));
  return found == process;
}

}  // namespace

int run(const Child& child, const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  const pid_t process = begin(child);
  Clock::time_point until = Clock::now() + child.most;
  bool is_told = false;  // to end
  bool took_too_long = false;
  int status = 0;
  while (!has_ended(process, status)) {
    std::this_thread::sleep_for(kMoment);
    const bool is_late = Clock::now() > until;
    if (!stop && !is_late) continue;
    if (is_told && is_late) kill(process, SIGKILL);
    if (is_told) continue;
    kill(process, SIGTERM);
    took_too_long = is_late;
    is_told = true;
    until = Clock::now() + kToEnd;
  }
  if (stop) throw Cancelled();
  if (took_too_long) throw Error(ErrorKind::kSystem, fmt::format("'{}' took too long", child.words.front()));
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace heed::serve

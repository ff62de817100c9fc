#include "access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <ctime>
#include <system_error>

#include "fields.h"
#include "heed/base/error.h"

namespace heed::serve {
namespace {

constexpr std::size_t kLongestPath = 1000;
constexpr std::size_t kMostLines = 10'000;  // that wait to be written; more are lost
constexpr int kReaderPatience = 100;        // milliseconds

}  // namespace

AccessLog::AccessLog(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  open();
  if (file_ == -1) throw Error::at({.file = path_}, std::generic_category().message(errno), ErrorKind::kSystem);
  thread_ = std::thread([this] { work(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (file_ > STDERR_FILENO) close(file_);
}

void AccessLog::open() {
  file_ = path_ == "-" ? STDOUT_FILENO
                       : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
}

bool AccessLog::was_renamed() const {
  struct stat own = {};
  struct stat named = {};
  return fstat(file_, &own) == 0 && (stat(path_.c_str(), &named) != 0 || own.st_ino != named.st_ino);
}

void AccessLog::add(const Exchange& exchange) {
  if (path_.empty()) return;
  const std::chrono::duration<double> took = Exchange::Clock::now() - exchange.begin;
  const auto microseconds = [](double seconds) { return std::round(seconds * 1e6) / 1e6; };
  OrderedJson line = {{"time", utc_now()},
                      {"client", exchange.request.client},
                      {"method", exchange.request.method},
                      {"path", exchange.request.path.substr(0, kLongestPath)},
                      {"status", exchange.status()},
                      {"bytes", exchange.bytes_sent()},
                      {"seconds", microseconds(took.count())}};
  if (!exchange.notes.user.empty()) line["user"] = exchange.notes.user;
  if (!exchange.notes.model.empty()) line["model"] = exchange.notes.model;
  if (exchange.notes.sentences > 0) line["sentences"] = exchange.notes.sentences;
  if (exchange.is_gone()) line["gone"] = true;
  const std::lock_guard lock(mutex_);
  if (lines_.size() < kMostLines) lines_.push_back(dump(line) + "\n");
  changed_.notify_all();
}

void AccessLog::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ends_ || !lines_.empty(); });
    if (lines_.empty()) return;
    const std::deque<std::string> lines = std::exchange(lines_, {});
    lock.unlock();
    for (const std::string& line : lines) write(line);
    lock.lock();
  }
}

/// A full disk, and a reader that does not read, keep nobody from an answer.
void AccessLog::write(const std::string& line) {
  if (path_ != "-" && (file_ == -1 || was_renamed())) {
    if (file_ != -1) close(file_);
    open();
  }
  pollfd one = {file_, POLLOUT, 0};
  if (file_ == -1 || poll(&one, 1, kReaderPatience) <= 0) return;
  const std::string whole = is_cut_ ? "\n" + line : line;
  const ssize_t written = ::write(file_, whole.data(), whole.size());
  if (written > 0) is_cut_ = static_cast<std::size_t>(written) < whole.size();
}

std::string utc_now() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts = {};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
}

}  // namespace heed::serve

#include "access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>
#include <system_error>

#include "heed/base/error.h"

namespace heed::serve {

AccessLog::AccessLog(std::string path) : path_(std::move(path)) {
  if (path_ == "-") file_ = STDOUT_FILENO;
  if (path_.empty() || path_ == "-") return;
  open();
  if (file_ == -1) throw Error::at({.file = path_}, std::generic_category().message(errno), ErrorKind::kSystem);
}

AccessLog::~AccessLog() {
  if (file_ > STDOUT_FILENO) close(file_);
}

void AccessLog::open() { file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640); }

bool AccessLog::was_renamed() const {
  struct stat own = {};
  struct stat named = {};
  return fstat(file_, &own) == 0 && (stat(path_.c_str(), &named) != 0 || own.st_ino != named.st_ino);
}

void AccessLog::add(const Exchange& exchange) {
  if (path_.empty()) return;
  const std::chrono::duration<double> took = Exchange::Clock::now() - exchange.begin;
  const auto microseconds = [](double seconds) { return std::round(seconds * 1e6) / 1e6; };
  nlohmann::ordered_json line = {{"time", utc_now()},
                                 {"client", exchange.request.client},
                                 {"method", exchange.request.method},
                                 {"path", exchange.request.path},
                                 {"status", exchange.status()},
                                 {"bytes", exchange.bytes_sent()},
                                 {"seconds", microseconds(took.count())}};
  if (!exchange.notes.user.empty()) line["user"] = exchange.notes.user;
  if (!exchange.notes.model.empty()) line["model"] = exchange.notes.model;
  if (exchange.notes.sentences > 0) line["sentences"] = exchange.notes.sentences;
  if (exchange.is_gone()) line["gone"] = true;
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  if (path_ != "-" && (file_ == -1 || was_renamed())) {
    if (file_ != -1) close(file_);
    open();
  }
  if (file_ == -1 || ::write(file_, text.data(), text.size()) < 0) return;  // a full disk keeps nobody from an answer
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

#pragma once
#include <mutex>
#include <string>

#include "exchange.h"

namespace heed::serve {

/// A line of JSON for each request. A file that is renamed, as by logrotate, is made anew.
class AccessLog {
 public:
  /// "-": standard output; empty: none. Throws Error if the file cannot be written.
  explicit AccessLog(std::string path);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Requests go on where it cannot be written.
  void add(const Exchange& exchange);

 private:
  void open();
  bool was_renamed() const;

  const std::string path_;
  std::mutex mutex_;
  int file_ = -1;
};

/// "2026-11-30T12:00:00.123Z"
std::string utc_now();

}  // namespace heed::serve

#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "exchange.h"

namespace heed::serve {

/// A line of JSON for each request, written by a thread of its own. A file that is renamed, as by logrotate, is made
/// anew.
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
  void work();
  void write(const std::string& line);
  void open();
  bool was_renamed() const;

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;  // that are to be written
  bool ends_ = false;
  bool is_cut_ = false;  // the last line: the disk was full
  int file_ = -1;        // of the thread
  std::thread thread_;
};

/// "2026-11-30T12:00:00.123Z"
std::string utc_now();

}  // namespace heed::serve

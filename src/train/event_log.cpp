#include "event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/host_and_time.h"
#include "result_json.h"

namespace heed {
namespace {

constexpr double kInterval = 10;  // seconds between lines of progress

/// Whether the file's last line has its end: the process, or the machine, may have died while it was written.
bool ends_in_a_line(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() == 0) return true;
  file.seekg(-1, std::ios::end);
  return file.get() == '\n';
}

std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

struct EventLog::Line {
  explicit Line(const char* event) : json({{"event", event}, {"time", utc_now()}}) {}
  nlohmann::ordered_json json;
};

void EventLog::start(const HistoryStart& start) {
  Line line("started");
  line.json.update({{"heed", start.origin.version},
                    {"command", start.origin.command},
                    {"resumed", start.start.resumed},
                    {"epoch", start.start.epoch},
                    {"update", start.start.update},
                    {"parameters", start.start.parameters},
                    {"precision", start.start.precision},
                    {"threads", start.threads}});
  held_ = text_of(line.json) + held_;
  if (!replaces_) begin(O_APPEND);
}

void EventLog::add(const TrainingProgress& p) {
  if (p.seconds - told_at_ < kInterval && p.batch < p.batches) return;
  told_at_ = p.seconds;
  Line line("progress");
  line.json.update({{"epoch", p.epoch - 1 + static_cast<double>(p.batch) / p.batches},
                    {"update", p.update},
                    {"loss", p.loss},
                    {"learning_rate", p.learning_rate},
                    {"gradient_norm", p.gradient_norm},
                    {"target_tokens_per_second", p.target_tokens_per_second},
                    {"seconds", p.seconds},
                    {"seconds_left", p.seconds_left}});
  append(line);
}

void EventLog::add(const ValidationResult& result) {
  Line line("validated");
  line.json.update(to_json(result));
  append(line);
}

void EventLog::saved(long update, bool best) {
  Line line("saved");
  line.json.update({{"update", update}, {"best", best}});
  append(line);
  if (!started_) begin(O_TRUNC);
}

void EventLog::warning(std::string_view text) {
  Line line("warning");
  line.json["text"] = text;
  append(line);
}

void EventLog::end(const char* how, long update, std::string_view text) {
  Line line(how);
  line.json.update({{"update", update}, {"text", text}});
  append(line);
}

void EventLog::append(const Line& line) {
  const std::string text = text_of(line.json);
  if (started_) {
    write(text, O_APPEND);
  } else {
    held_ += text;
  }
}

void EventLog::begin(int flags) {
  std::error_code ignored;  // the first line tells
  std::filesystem::create_directories(path_.parent_path(), ignored);
  started_ = true;
  const bool broken = flags == O_APPEND && !ends_in_a_line(path_);
  write((broken ? "\n" : "") + held_, flags);
  held_.clear();
}

// Opened by its name each time: every save replaces the directory, and takes the file along.
void EventLog::write(const std::string& text, int flags) {
  if (failed_) return;
  const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
  const ssize_t written = file < 0 ? -1 : ::write(file, text.data(), text.size());
  const int reason = errno;
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  if (whole) return;
  failed_ = true;
  log_(LogLevel::kWarning, fmt::format("cannot write '{}': {}; training goes on without it", path_.string(),
                                       written < 0 ? std::strerror(reason) : "no space left"));
}

}  // namespace heed

#include "event_log.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/append.h"
#include "heed/base/error.h"
#include "heed/base/host_and_time.h"
#include "heed/base/memory_use.h"
#include "result_json.h"

namespace heed {
namespace {

constexpr double kInterval = 10;  // seconds between lines of progress

/// Whether the file's last line has its end: the process, or the machine, may have died while it was written.
bool ends_in_a_line(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return true;
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
  line.json.update(to_json(start));
  held_ = text_of(line.json) + held_;
  if (!replaces_) begin(false);
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
                    {"seconds_left", p.seconds_left},
                    {"memory", resident_bytes()}});
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
  if (!started_) begin(true);
}

void EventLog::tested(const TestResult& result) {
  Line line("tested");
  line.json.update({{"epoch", result.epoch},
                    {"update", result.update},
                    {"sentences", result.sentences},
                    {"beam", result.beam},
                    {"perplexity", result.perplexity}});
  for (const auto& [name, value] : result.metrics) line.json[name] = value;
  append(line);
}

void EventLog::warning(std::string_view text) {
  Line line("warning");
  line.json["text"] = text;
  append(line);
}

void EventLog::end(const char* how, long update, std::string_view text, double bytes) {
  Line line(how);
  line.json.update({{"update", update}, {"text", text}});
  if (bytes > 0) line.json["bytes_per_update"] = std::llround(bytes);
  append(line);
}

void EventLog::append(const Line& line) {
  if (!writes_) return;
  const std::string text = text_of(line.json);
  if (started_) {
    write(text);
  } else {
    held_ += text;
  }
}

void EventLog::begin(bool anew) {
  if (!writes_) return;
  std::error_code ignored;  // the first line tells
  std::filesystem::create_directories(path_.parent_path(), ignored);
  if (anew) std::filesystem::resize_file(path_, 0, ignored);
  started_ = true;
  write((ends_in_a_line(path_) ? "" : "\n") + held_);
  held_.clear();
}

// Opened by its name each time: every save replaces the directory, and takes the file along.
void EventLog::write(const std::string& text) {
  if (failed_) return;
  try {
    append_to_file(path_, text);
  } catch (const Error& error) {
    failed_ = true;
    log_(LogLevel::kWarning, fmt::format("{}; training goes on without it", error.what()));
  }
}

}  // namespace heed

#include "metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/memory_use.h"
#include "heed/base/version.h"

namespace heed::serve {
namespace {

constexpr std::array kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0};
constexpr std::array kSentences = {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0};

double seconds_of(Metrics::Duration took) { return std::chrono::duration<double>(took).count(); }

std::string head(const char* name, const char* type, const char* help) {
  return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string one(const char* name, const char* type, const char* help, auto value) {
  return head(name, type, help) + fmt::format("{} {}\n", name, value);
}

}  // namespace

void Histogram::add(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  if (bound != bounds_.end()) ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  ++count_;
  sum_ += value;
}

std::string Histogram::text(const std::string& name, const std::string& labels) const {
  std::string out;
  const std::string first = labels.empty() ? "" : labels + ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    below += counts_[i];
    out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, first, bounds_[i], below);
  }
  const std::string own = labels.empty() ? "" : "{" + labels + "}";
  return out + fmt::format("{0}_bucket{{{1}le=\"+Inf\"}} {2}\n{0}_sum{3} {4}\n{0}_count{3} {2}\n", name, first, count_,
                           own, sum_);
}

Metrics::Metrics() : batch_(kSentences), batch_seconds_(kSeconds), lesson_seconds_(kSeconds) {}

void Metrics::add_request(const std::string& route, int status, Duration took) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  seconds_.try_emplace(route, kSeconds).first->second.add(seconds_of(took));
}

void Metrics::add_batch(std::size_t sentences, Duration took) {
  const std::lock_guard lock(mutex_);
  batch_.add(static_cast<double>(sentences));
  batch_seconds_.add(seconds_of(took));
}

void Metrics::add_lesson(std::size_t corrections, bool learnt, Duration took) {
  const std::lock_guard lock(mutex_);
  (learnt ? learnt_ : refused_) += corrections;
  lesson_seconds_.add(seconds_of(took));
}

void Metrics::add_sentence(const Translated& translated) {
  const std::lock_guard lock(mutex_);
  source_tokens_ += translated.source_tokens.size();
  if (!translated.translations.empty()) target_tokens_ += translated.translations.front().tokens.size();
}

std::string Metrics::text(const Gauges& gauges) const {
  std::string out = head("heed_build_info", "gauge", "1, with the version of the program.") +
                    fmt::format("heed_build_info{{version=\"{}\"}} 1\n", kVersion);
  out += one("heed_models", "gauge", "Models that are loaded.", gauges.models);
  out += one("heed_connections", "gauge", "Open connections.", connections_.load());
  out += one("heed_queue_sentences", "gauge", "Sentences that wait for a worker.", gauges.waiting);
  out += one("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", resident_bytes());
  const std::lock_guard lock(mutex_);
  out += one("heed_source_tokens_total", "counter", "Tokens of sentences that were translated.", source_tokens_);
  out += one("heed_target_tokens_total", "counter", "Tokens of their best translations.", target_tokens_);
  out += head("heed_batch_sentences", "histogram", "Sentences that were answered together.") +
         batch_.text("heed_batch_sentences", "");
  out += head("heed_batch_seconds", "histogram", "What that took.") + batch_seconds_.text("heed_batch_seconds", "");
  out += head("heed_corrections_total", "counter",
              "Corrections that were learnt, or refused since too much would be forgotten.");
  for (const auto& [outcome, count] : {std::pair("learnt", learnt_), std::pair("refused", refused_)})
    out += fmt::format("heed_corrections_total{{outcome=\"{}\"}} {}\n", outcome, count);
  out += head("heed_lesson_seconds", "histogram", "What it took to learn them.") +
         lesson_seconds_.text("heed_lesson_seconds", "");
  out += head("heed_requests_total", "counter", "Answered requests, by route and status.");
  for (const auto& [key, count] : requests_) {
    out += fmt::format("heed_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, count);
  }
  out += head("heed_request_seconds", "histogram", "From a request's head to the end of its answer, by route.");
  for (const auto& [route, histogram] : seconds_) {
    out += histogram.text("heed_request_seconds", fmt::format("route=\"{}\"", route));
  }
  return out;
}

}  // namespace heed::serve

#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/record/translation.h"

namespace heed::serve {

/// How many values were at most so large, for each bound: what Prometheus calls a histogram.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size()) {}
  void add(double value);
  /// As lines of the text format; `labels`: empty, or as `route="/translate"`.
  std::string text(const std::string& name, const std::string& labels) const;

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;  // of values that lie under this bound and over the one before
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

/// What is true at the moment it is asked for.
struct Gauges {
  std::size_t waiting = 0;  ///< sentences in the queue
  std::size_t models = 0;
};

/// Counts for GET /metrics, in Prometheus's text format 0.0.4. Any thread may add.
class Metrics {
 public:
  using Duration = std::chrono::steady_clock::duration;

  Metrics();
  /// An answered request; `route`: one of ours, or "other".
  void add_request(const std::string& route, int status, Duration took);
  /// Sentences that were answered together.
  void add_batch(std::size_t sentences, Duration took);
  /// Corrections that were learnt together, or refused.
  void add_lesson(std::size_t corrections, bool learnt, Duration took);
  void add_sentence(const Translated& translated);
  /// A connection that was opened (1) or closed (-1).
  void add_connection(int change) { connections_ += change; }
  std::string text(const Gauges& gauges) const;

 private:
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Histogram> seconds_;  // by route
  Histogram batch_;
  Histogram batch_seconds_;
  Histogram lesson_seconds_;
  std::uint64_t learnt_ = 0, refused_ = 0;  // corrections
  std::uint64_t source_tokens_ = 0, target_tokens_ = 0;
};

}  // namespace heed::serve

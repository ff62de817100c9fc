#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model_table.h"
#include "problem.h"
#include "search_request.h"

namespace heed::serve {

enum class Task { kTranslate, kScore, kAlign };

/// A sentence of a request.
struct JobLine {
  std::string source = {};
  std::string target = {};  ///< of a pair
  FeatureValues features = {};
  OutputConstraints constraints = {};
};

/// The sentences of a request, which are answered one by one or many at once, with those of other requests.
class Job {
 public:
  using Clock = std::chrono::steady_clock;

  Task task = Task::kTranslate;
  ModelPointer model;
  SearchRequest search;  ///< `attention` also of kScore
  double shift = 0;      ///< of kAlign
  std::vector<JobLine> lines;
  Clock::time_point deadline;
  /// Gets each answer, as an object of JSON, as it is there; in any order.
  std::function<void(std::size_t line, const std::string& json)> on_answer;
  /// Gets each step of a translation; false ends it. Such a job's sentences go with no other's.
  std::function<bool(const TranslationStep&)> on_step;
  /// Is called once, when all is answered, or why not.
  std::function<void(const Problem*)> on_end;

  /// What goes together in one call of a translator.
  bool goes_with(const Job& other) const;

  /// To be called once for each line.
  void answer(std::size_t line, const std::string& json);
  void fail(const Problem& problem);
  /// Whether nobody needs more answers: one failed, or the client is gone.
  bool is_over() const { return over_; }
  void cancel() { over_ = true; }

 private:
  void count_down();

  std::mutex mutex_;
  std::size_t answered_ = 0;
  std::optional<Problem> problem_;
  std::atomic<bool> over_{false};
};

}  // namespace heed::serve

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

  Job() = default;
  /// One that was begun and has been lost, as where there is no memory, ends by a Problem.
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

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

  /// Whether its sentences go with no other request's.
  bool is_alone() const { return on_step != nullptr || search.sample; }
  /// What goes together in one call of a translator.
  bool goes_with(const Job& other) const;

  /// From now on each line is answered, or the job fails.
  void begin() { begun_ = true; }
  /// To be called once for each line.
  void answer(std::size_t line, const std::string& json);
  void fail(const Problem& problem);
  /// Whether nobody needs more answers, since one failed.
  bool is_over() const { return over_; }

 private:
  void count_down();

  std::mutex mutex_;
  std::size_t answered_ = 0;
  std::optional<Problem> problem_;
  std::atomic<bool> over_{false};
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace heed::serve

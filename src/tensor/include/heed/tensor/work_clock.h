#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A thread's time by kind of work.
enum class WorkKind {
  kOverhead,  ///< everything else
  kProduct,   ///< matrix products
  kVector,    ///< activations, attention, softmax, conversions
  kMemory,    ///< memory-bound: packing, the optimizer, clearing
  kWaiting,   ///< WorkerPool's threads, for each other
};
/// By WorkKind.
using WorkSeconds = std::array<double, 5>;

/// What is computed: `name` is a literal. Of a product [rows, in] x [in, out].
struct Work {
  WorkKind kind = WorkKind::kOverhead;
  std::string_view name = {};
  std::int64_t rows = 0;
  std::int64_t in = 0;
  std::int64_t out = 0;
  bool operator==(const Work&) const = default;
  bool operator<(const Work& other) const {
    return std::tie(kind, name, rows, in, out) < std::tie(other.kind, other.name, other.rows, other.in, other.out);
  }
};

/// How often something was computed, and how long.
struct WorkSpent {
  double seconds = 0;
  long times = 0;
};
using WorkDetails = std::map<Work, WorkSpent>;

/// While it lives, kernels report their work to their thread's clock, for benchmarks. One per thread.
class WorkClock {
 public:
  /// `in_detail`: by name and shape too, which takes longer.
  explicit WorkClock(bool in_detail = false);
  ~WorkClock();
  WorkClock(const WorkClock&) = delete;
  WorkClock& operator=(const WorkClock&) = delete;

  /// All seconds until now.
  const WorkSeconds& stop();
  /// Until stop(). Empty if they were not asked for.
  const WorkDetails& details() const { return details_; }
  /// Begins a piece of work; returns the previous one, to which the time then belongs again.
  Work begin(const Work& work);
  void go_back_to(const Work& work);
  static WorkClock* of_this_thread();

 private:
  bool in_detail_;
  WorkSeconds seconds_{};
  WorkDetails details_;
  Work now_;
  std::chrono::steady_clock::time_point since_;
};

/// Sets the work of this scope on the thread's clock, if it has one. Its name is the function's unless another is said.
class WorkScope {
 public:
  explicit WorkScope(WorkKind kind, const char* name = __builtin_FUNCTION()) : WorkScope(Work{kind, name}) {}
  explicit WorkScope(const Work& work) : clock_(WorkClock::of_this_thread()) {
    if (clock_ != nullptr) before_ = clock_->begin(work);
  }
  ~WorkScope() {
    if (clock_ != nullptr) clock_->go_back_to(before_);
  }
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

 private:
  WorkClock* clock_;
  Work before_;
};

}  // namespace heed

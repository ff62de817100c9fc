#pragma once
#include <array>
#include <chrono>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// What a thread spends its time on.
enum class WorkKind {
  kOverhead,  ///< all that is none of the others
  kProduct,   ///< matrix products
  kVector,    ///< activations, attention, softmax, conversions of numbers
  kMemory,    ///< what only moves numbers: packing, the optimizer, clearing
  kWaiting,   ///< of a WorkerPool's threads: for each other
};
/// By WorkKind.
using WorkSeconds = std::array<double, 5>;

/// While it lives, the kernels of its thread tell it what they do: for benchmarks. One to a thread.
class WorkClock {
 public:
  WorkClock();
  ~WorkClock();
  WorkClock(const WorkClock&) = delete;
  WorkClock& operator=(const WorkClock&) = delete;

  /// All seconds until now.
  const WorkSeconds& stop();
  /// From now on the thread does this; returns what it did.
  WorkKind turn_to(WorkKind work);
  static WorkClock* of_this_thread();

 private:
  WorkSeconds seconds_{};
  WorkKind now_ = WorkKind::kOverhead;
  std::chrono::steady_clock::time_point since_;
};

/// What a thread does in this scope, for its clock, if it has one.
class WorkScope {
 public:
  explicit WorkScope(WorkKind work) : clock_(WorkClock::of_this_thread()) {
    if (clock_ != nullptr) before_ = clock_->turn_to(work);
  }
  ~WorkScope() {
    if (clock_ != nullptr) clock_->turn_to(before_);
  }
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

 private:
  WorkClock* clock_;
  WorkKind before_ = WorkKind::kOverhead;
};

}  // namespace heed

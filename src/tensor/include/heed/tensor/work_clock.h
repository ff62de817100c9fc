#pragma once
#include <array>
#include <chrono>

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

/// While it lives, kernels report their work to their thread's clock, for benchmarks. One per thread.
class WorkClock {
 public:
  WorkClock();
  ~WorkClock();
  WorkClock(const WorkClock&) = delete;
  WorkClock& operator=(const WorkClock&) = delete;

  /// All seconds until now.
  const WorkSeconds& stop();
  /// Sets the thread's current work; returns the previous one.
  WorkKind turn_to(WorkKind work);
  static WorkClock* of_this_thread();

 private:
  WorkSeconds seconds_{};
  WorkKind now_ = WorkKind::kOverhead;
  std::chrono::steady_clock::time_point since_;
};

/// Sets the work of this scope on the thread's clock, if it has one.
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

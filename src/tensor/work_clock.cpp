#include "heed/tensor/work_clock.h"

namespace heed {
namespace {

thread_local WorkClock* active_clock = nullptr;

}  // namespace

WorkClock::WorkClock() : since_(std::chrono::steady_clock::now()) { active_clock = this; }

WorkClock::~WorkClock() { active_clock = nullptr; }

WorkClock* WorkClock::of_this_thread() { return active_clock; }

const WorkSeconds& WorkClock::stop() {
  turn_to(WorkKind::kOverhead);
  return seconds_;
}

WorkKind WorkClock::turn_to(WorkKind work) {
  const auto now = std::chrono::steady_clock::now();
  seconds_[static_cast<std::size_t>(now_)] += std::chrono::duration<double>(now - since_).count();
  since_ = now;
  const WorkKind before = now_;
  now_ = work;
  return before;
}

}  // namespace heed

#include "heed/tensor/work_clock.h"

namespace heed {
namespace {

thread_local WorkClock* active_clock = nullptr;

}  // namespace

WorkClock::WorkClock(bool in_detail) : in_detail_(in_detail), since_(std::chrono::steady_clock::now()) {
  active_clock = this;
}

WorkClock::~WorkClock() { active_clock = nullptr; }

WorkClock* WorkClock::of_this_thread() { return active_clock; }

const WorkSeconds& WorkClock::stop() {
  go_back_to({});
  return seconds_;
}

Work WorkClock::begin(const Work& work) {
  const Work before = now_;
  go_back_to(work);
  if (in_detail_) ++details_[work].times;
  return before;
}

void WorkClock::go_back_to(const Work& work) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - since_).count();
  seconds_[static_cast<std::size_t>(now_.kind)] += seconds;
  if (in_detail_) details_[now_].seconds += seconds;
  since_ = now;
  now_ = work;
}

}  // namespace heed

#include "job.h"

namespace heed::serve {

bool Job::goes_with(const Job& other) const {
  if (this == &other) return true;
  return task == other.task && model == other.model && search == other.search && shift == other.shift && !on_step &&
         !other.on_step;
}

void Job::answer(std::size_t line, const std::string& json) {
  if (!over_) on_answer(line, json);
  count_down();
}

void Job::fail(const Problem& problem) {
  {
    const std::lock_guard lock(mutex_);
    if (!problem_) problem_ = problem;
  }
  over_ = true;
  count_down();
}

void Job::count_down() {
  {
    const std::lock_guard lock(mutex_);
    if (++answered_ < lines.size()) return;
  }
  on_end(problem_ ? &*problem_ : nullptr);
}

}  // namespace heed::serve

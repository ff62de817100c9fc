#include "job.h"

namespace heed::serve {

bool Job::goes_with(const Job& other) const {
  if (this == &other) return true;
  return task == other.task && model == other.model && search == other.search && shift == other.shift && !is_alone() &&
         !other.is_alone();
}

Job::~Job() {
  if (!begun_ || ended_) return;
  try {
    const Problem lost(503, "out_of_memory", "there is not enough memory for this request");
    on_end(&lost);
  } catch (...) {  // nothing can be done for it
  }
}

void Job::answer(std::size_t line, const std::string& json) {
  try {
    if (!over_) on_answer(line, json);
  } catch (const std::exception& error) {
    return fail(problem_of(error));
  }
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
    ended_ = true;
  }
  try {
    on_end(problem_ ? &*problem_ : nullptr);
  } catch (const std::exception& error) {  // no memory for a large answer: there is some for a small one
    const Problem problem = problem_of(error);
    on_end(&problem);
  }
}

}  // namespace heed::serve

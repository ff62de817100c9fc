#pragma once
#include "heed/autograd/checks.h"
#include "heed/nn/attention.h"

// Of a step of a mechanism that is made of `count` others: what is part i's.
namespace heed {

inline const AttentionMemory& memory_of_part(const AttentionStep& step, std::size_t i, std::size_t count) {
  ArgumentCheck("attend").that(step.memory.parts.size() == count, "the memory is of another mechanism");
  return step.memory.parts[i];
}

/// Empty at the first step.
inline const AttentionTrace& previous_of_part(const AttentionStep& step, std::size_t i, std::size_t count) {
  static const AttentionTrace none;
  const auto& parts = step.previous.parts;
  if (parts.empty()) return none;
  ArgumentCheck("attend").that(parts.size() == count, "the previous step is of another mechanism");
  return parts[i];
}

/// The step of part i, which asks `query`.
inline AttentionStep step_of_part(const AttentionStep& step, const Variable& query, std::size_t i, std::size_t count) {
  return {query,      memory_of_part(step, i, count), step.sentence, previous_of_part(step, i, count), step.rng, {},
          step.change};
}

}  // namespace heed

#pragma once
#include "heed/tensor/work_clock.h"

// A function of a header that runs the vector code of its file in the version for this processor, in place of
// HWY_EXPORT and a body: HEED_KERNEL(float dot(const float* a, const float* b), Dot, a, b);
#define HEED_KERNEL(signature, Code, ...)                       \
  HWY_EXPORT(Code);                                             \
  signature { return HWY_DYNAMIC_DISPATCH(Code)(__VA_ARGS__); } \
  static_assert(true, "so that a semicolon ends it")

/// The same, and tells the thread's WorkClock that this is vector code: for all but what others call for each row.
#define HEED_TIMED_KERNEL(signature, Code, ...)     \
  HWY_EXPORT(Code);                                 \
  signature {                                       \
    const WorkScope scope(WorkKind::kVector);       \
    return HWY_DYNAMIC_DISPATCH(Code)(__VA_ARGS__); \
  }                                                 \
  static_assert(true, "so that a semicolon ends it")

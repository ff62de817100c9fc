#pragma once
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/work_clock.h"
#include "hwy/detect_compiler_arch.h"

// HEED_EXPORT(Code) and HEED_DISPATCH(Code)(arguments) call the version for this processor of a function that Highway
// compiles for several. Not HWY_EXPORT, with which comes libhwy: when that is loaded, it measures the resolution of a
// timer, which takes milliseconds, on a busy machine tens of them.
#if HWY_ARCH_X86
// A target for which nothing is compiled, has nullptr.
#define HEED_VERSION(Code, Chosen) \
  heed::version_or_plain<decltype(&HWY_STATIC_DISPATCH(Code))>(Chosen, &HWY_STATIC_DISPATCH(Code))
#define HEED_VERSIONS(Code)                                                               \
  {                                                                                       \
    HEED_VERSION(Code, HWY_CHOOSE_AVX3(Code)), HEED_VERSION(Code, HWY_CHOOSE_AVX2(Code)), \
        HEED_VERSION(Code, HWY_CHOOSE_SSE4(Code)), &HWY_STATIC_DISPATCH(Code)             \
  }
#else
#define HEED_VERSIONS(Code) \
  { &HWY_STATIC_DISPATCH(Code), &HWY_STATIC_DISPATCH(Code), &HWY_STATIC_DISPATCH(Code), &HWY_STATIC_DISPATCH(Code) }
#endif
#define HEED_EXPORT(Code) constexpr decltype(&HWY_STATIC_DISPATCH(Code)) k##Code##Versions[] = HEED_VERSIONS(Code)
#define HEED_DISPATCH(Code) (*k##Code##Versions[static_cast<int>(heed::vector_code())])

// A function of a header that runs the vector code of its file in the version for this processor, in place of
// HEED_EXPORT and a body: HEED_KERNEL(float dot(const float* a, const float* b), Dot, a, b);
#define HEED_KERNEL(signature, Code, ...)                \
  HEED_EXPORT(Code);                                     \
  signature { return HEED_DISPATCH(Code)(__VA_ARGS__); } \
  static_assert(true, "so that a semicolon ends it")

/// The same, and tells the thread's WorkClock that this is vector code: for all but what others call for each row.
#define HEED_TIMED_KERNEL(signature, Code, ...) \
  HEED_EXPORT(Code);                            \
  signature {                                   \
    const WorkScope scope(WorkKind::kVector);   \
    return HEED_DISPATCH(Code)(__VA_ARGS__);    \
  }                                             \
  static_assert(true, "so that a semicolon ends it")

namespace heed {

template <typename Function>
constexpr Function version_or_plain(Function version, Function plain) {
  return version != nullptr ? version : plain;
}

}  // namespace heed

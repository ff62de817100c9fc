#pragma once
#include <atomic>

#include "heed/base/export.h"

// The instruction sets for products and vector code: the processor's, up to HEED_MAX_CPU_ISA (SSE41, AVX2, AVX512_CORE,
// AVX512_CORE_VNNI, AVX512_CORE_BF16, AVX512_CORE_AMX).
namespace HEED_ENGINE_API heed {

enum class Instructions { kAvx2, kAvx512, kAvx512Vnni, kAvx512Bfloat16, kAmx, kDotProduct };  // the last of Arm: SDOT

/// Whether the processor has these instructions and the limit allows them.
bool has_instructions(Instructions set);
/// AVX-512 F, BW, DQ and VL, which wide_tiles.h is compiled for.
bool has_avx512();

/// The versions that vector code is compiled in (CMakeLists.txt), best first; on other processors than x86 they are
/// one.
enum class VectorCode { kAvx512, kAvx2, kSse4, kPlain };
/// Whether it may run here. One limit for all: a processor with AVX-512 then computes what one without it computes.
bool has_vector_code(VectorCode code);

namespace detail {
inline std::atomic<int> vector_code{-1};
VectorCode choose_vector_code();
}  // namespace detail

/// The version that runs, the same in all threads: the best, or, in tests, that of use_vector_code().
inline VectorCode vector_code() {
  const int chosen = detail::vector_code.load(std::memory_order_relaxed);
  return chosen >= 0 ? VectorCode{chosen} : detail::choose_vector_code();
}
inline void use_vector_code(VectorCode code) { detail::vector_code = static_cast<int>(code); }

}  // namespace heed

#include "heed/kernels/conversions.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace heed {

// Highway 1.0 has no such conversion.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void to_bfloat16_natively(const float* x,
                                                                                          std::uint16_t* y,
                                                                                          std::int64_t count) {
  std::int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    const __m512bh both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + i + 16), _mm512_loadu_ps(x + i));
    _mm512_storeu_si512(y + i, reinterpret_cast<const __m512i&>(both));
  }
  for (; i < count; i += 16) {
    const auto lanes = static_cast<__mmask16>(count - i >= 16 ? 0xFFFF : (1 << (count - i)) - 1);
    const __m256bh some = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(lanes, x + i));
    _mm256_mask_storeu_epi16(y + i, lanes, reinterpret_cast<const __m256i&>(some));
  }
}

}  // namespace heed
#else

namespace heed {

void to_bfloat16_natively(const float* x, std::uint16_t* y, std::int64_t count) { to_bfloat16(x, y, count); }

}  // namespace heed
#endif

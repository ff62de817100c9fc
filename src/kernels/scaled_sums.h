#pragma once

#if defined(__x86_64__)
#include "heed/kernels/vnni_product.h"
#include "wide_tiles.h"

namespace heed::wide {

/// Where sums of int8 products go, scaled.
struct ScaledSums {
  const VnniTerm& term;
  const VnniOutput& to;
  bool add;

  /// Those of a row from one of the outputs on.
  HEED_WIDE_INLINE void store(std::int64_t row, std::int64_t output, __m512i sums) const {
    const __mmask16 lanes = first_lanes(to.out - output);
    float* y = to.y + row * to.out + output;
    const __m512i whole = _mm512_sub_epi32(sums, _mm512_maskz_loadu_epi32(lanes, term.sum + output));
    const __m512 row_scale = _mm512_set1_ps(term.row_scale[row]);
    const __m512 factor = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, term.scale + output), row_scale);
    const __m512 before = add ? _mm512_maskz_loadu_ps(lanes, y) : _mm512_setzero_ps();
    _mm512_mask_storeu_ps(y, lanes, _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), factor, before));
  }
};

/// The weights of a term from one of the outputs on, the first of a block.
inline const std::uint8_t* weights_of(const VnniTerm& term, std::int64_t output) {
  return reinterpret_cast<const std::uint8_t*>(term.blocks) + output * term.in_blocks * Int8Blocks::kIn;
}

}  // namespace heed::wide
#endif

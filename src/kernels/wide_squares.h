#pragma once

#if defined(__x86_64__)
#include "wide_tiles.h"

// Highway 1.0 has no products of bfloat16.
#define HEED_WIDE_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

// Numbers of 32 bits as they are packed for products: pairs of bfloat16, squares turned round.
namespace heed::wide {

/// The numbers of two rows rounded to bfloat16, those of `low` in the lower halves.
[[gnu::always_inline]] HEED_WIDE_BFLOAT16 inline __m512i bfloat16_pairs(__m512 low, __m512 high) {
  const __m512bh pairs = _mm512_cvtne2ps_pbh(high, low);
  const __m512i numbers = reinterpret_cast<const __m512i&>(pairs);
  const __m512i lower = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(numbers));
  const __m512i upper = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(numbers, 1));
  return _mm512_or_si512(lower, _mm512_slli_epi32(upper, 16));
}

/// Rows become columns.
HEED_WIDE_INLINE void turn(__m512i (&square)[kLanes]) {
  __m512i half[kLanes];
#pragma GCC unroll 8
  for (int i = 0; i < kLanes; i += 2) {  // pairs of rows
    half[i] = _mm512_unpacklo_epi32(square[i], square[i + 1]);
    half[i + 1] = _mm512_unpackhi_epi32(square[i], square[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < kLanes; i += 4) {  // square[i + j]: of rows i to i + 3 the columns j, 4 + j, 8 + j, 12 + j
    square[i] = _mm512_unpacklo_epi64(half[i], half[i + 2]);
    square[i + 1] = _mm512_unpackhi_epi64(half[i], half[i + 2]);
    square[i + 2] = _mm512_unpacklo_epi64(half[i + 1], half[i + 3]);
    square[i + 3] = _mm512_unpackhi_epi64(half[i + 1], half[i + 3]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    constexpr int kEven = 0x88, kOdd = 0xDD;  // quarters 0 and 2, 1 and 3 of each
    const __m512i even = _mm512_shuffle_i32x4(square[j], square[4 + j], kEven);
    const __m512i even_below = _mm512_shuffle_i32x4(square[8 + j], square[12 + j], kEven);
    const __m512i odd = _mm512_shuffle_i32x4(square[j], square[4 + j], kOdd);
    const __m512i odd_below = _mm512_shuffle_i32x4(square[8 + j], square[12 + j], kOdd);
    half[j] = _mm512_shuffle_i32x4(even, even_below, kEven);
    half[4 + j] = _mm512_shuffle_i32x4(odd, odd_below, kEven);
    half[8 + j] = _mm512_shuffle_i32x4(even, even_below, kOdd);
    half[12 + j] = _mm512_shuffle_i32x4(odd, odd_below, kOdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) square[i] = half[i];
}

}  // namespace heed::wide
#endif

#include "heed/kernels/vnni_product.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cstring>

#include "scaled_sums.h"

namespace heed {
namespace {

using wide::first_lanes;
using wide::kLanes;

// As in conversions.cpp magnitudes are ordered like their bits.
HEED_WIDE float largest_magnitude(const float* x, std::int64_t count) {
  const __m512i magnitude = _mm512_set1_epi32(0x7FFFFFFF);
  __m512i largest = _mm512_setzero_si512();
  __m512i other = largest;
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    largest = _mm512_max_epi32(largest, _mm512_and_si512(magnitude, _mm512_loadu_si512(x + i)));
    other = _mm512_max_epi32(other, _mm512_and_si512(magnitude, _mm512_loadu_si512(x + i + kLanes)));
  }
  for (; i < count; i += kLanes) {
    const __m512i some = _mm512_maskz_loadu_epi32(first_lanes(count - i), x + i);
    largest = _mm512_max_epi32(largest, _mm512_and_si512(magnitude, some));
  }
  const int bits = _mm512_reduce_max_epi32(_mm512_max_epi32(largest, other));
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

HEED_WIDE void quantize(const float* x, float inverse, std::uint8_t* q, std::int64_t count) {
  const __m512 factor = _mm512_set1_ps(inverse);
  const __m512i offset = _mm512_set1_epi32(128);
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + i), factor));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(q + i), _mm512_cvtepi32_epi8(_mm512_add_epi32(whole, offset)));
  }
  const __mmask16 lanes = first_lanes(count - i);
  const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + i), factor));
  _mm_mask_storeu_epi8(q + i, lanes, _mm512_cvtepi32_epi8(_mm512_add_epi32(whole, offset)));
}

// Highway 1.0 has no such product.
struct Bytes {
  static constexpr bool kWholeNumbers = true;

  HEED_WIDE_INLINE static void multiply_add(__m512i& sums, __m512i inputs, __m512i weights) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(inputs), "v"(weights));
  }

  struct Finish {
    wide::ScaledSums sums;
    std::int64_t row;     // the first of the tile
    std::int64_t output;  // likewise
  };
  HEED_WIDE_INLINE static void store(const Finish& finish, std::int64_t row, std::int64_t first, __m512i sums) {
    finish.sums.store(finish.row + row, finish.output + first, sums);
  }
  HEED_WIDE_INLINE static void fetch(const Finish& finish, std::int64_t row) {
    const VnniOutput& to = finish.sums.to;
    wide::fetch_numbers(to.y + (finish.row + row) * to.out + finish.output,
                        std::min(to.out - finish.output, wide::kOut));
  }
};

static_assert(wide::kOut == Int8Blocks::kOut && wide::kStep == Int8Blocks::kGroup);
constexpr std::int64_t kGroups = Int8Blocks::kIn / Int8Blocks::kGroup;  // of a block of inputs

}  // namespace

void quantize_rows_vnni(const Tensor& x, std::uint8_t* bytes, std::int64_t stride, float* row_scale) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const Int8Scale scale = int8_scale(largest_magnitude(x.row(r), x.columns));
    quantize(x.row(r), scale.inverse, bytes + r * stride, x.columns);
    row_scale[r] = scale.scale;
  }
}

void multiply_vnni(std::span<const VnniTerm> terms, const VnniOutput& to) {
  for (std::int64_t output = 0; output < to.out; output += wide::kOut) {
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const VnniTerm& term = terms[t];
      const bool last = t + 1 == terms.size();
      const VnniTerm& after = terms[last ? 0 : t + 1];
      const wide::RowsByBlock block{term.x, term.in_blocks * Int8Blocks::kIn, to.rows, wide::weights_of(term, output),
                                    term.in_blocks * kGroups};
      const bool more = !last || output + wide::kOut < to.out;
      const wide::NextBlock next(block, wide::weights_of(after, last ? output + wide::kOut : output),
                                 more ? after.in_blocks * kGroups * wide::kStepWeights : 0);
      const bool add = to.add || t > 0;
      wide::multiply_block<Bytes>(block, next, [&](std::int64_t row) -> Bytes::Finish {
        return {{term, to, add}, row, output};
      });
    }
    if (to.parts != nullptr) to.parts->after(output, std::min(wide::kOut, to.out - output), to.out);
  }
}

}  // namespace heed
#else

namespace heed {

// No way to multiply calls them.
void quantize_rows_vnni(const Tensor&, std::uint8_t*, std::int64_t, float*) {}
void multiply_vnni(std::span<const VnniTerm>, const VnniOutput&) {}

}  // namespace heed
#endif

#include "heed/kernels/vnni_product.h"

#if defined(__x86_64__)
#if !defined(__clang__)
// What GCC 12 says of its own immintrin.h (bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "heed/kernels/conversions.h"

// Highway 1.0 has no such product.
#define HEED_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define HEED_VNNI_INLINE [[gnu::always_inline]] HEED_VNNI inline

namespace heed {
namespace {

constexpr std::int64_t kGroup = Int8Blocks::kGroup;
constexpr std::int64_t kOut = Int8Blocks::kOut;
constexpr std::int64_t kLanes = 16;    // outputs of a vector
constexpr std::int64_t kMostRows = 6;  // of a tile: more sums would not stay in registers

HEED_VNNI_INLINE __mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count, 0, kLanes)) - 1);
}

// As in conversions.cpp magnitudes are ordered like their bits.
HEED_VNNI float largest_magnitude(const float* x, std::int64_t count) {
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

HEED_VNNI void quantize(const float* x, float inverse, std::uint8_t* q, std::int64_t count) {
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

// Weights that are read later, and how far to go on after each step of the loop over inputs.
struct Ahead {
  const std::int8_t* weights;
  std::int64_t step;
};

// A block of outputs of some rows.
struct Tile {
  const VnniTerm& term;
  const VnniOutput& to;
  std::int64_t row;     // the first
  std::int64_t output;  // likewise
  bool add;
  Ahead ahead;
};

// Sums of the outputs of a block, or four inputs of each.
struct Block {
  __m512i a, b, c, d;
};

HEED_VNNI_INLINE Block load(const std::int8_t* from) {
  constexpr std::int64_t kBytes = kLanes * kGroup;
  return {_mm512_loadu_si512(from), _mm512_loadu_si512(from + kBytes), _mm512_loadu_si512(from + 2 * kBytes),
          _mm512_loadu_si512(from + 3 * kBytes)};
}

HEED_VNNI_INLINE void multiply_add(__m512i& sums, __m512i inputs, __m512i weights) {
  // GCC copies the sums between registers around the intrinsic, and does not keep all of a tile there.
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(inputs), "v"(weights));
}

HEED_VNNI_INLINE void multiply_add(Block& sums, const std::uint8_t* x, const Block& weights) {
  int four;
  std::memcpy(&four, x, sizeof four);
  const __m512i inputs = _mm512_set1_epi32(four);
  multiply_add(sums.a, inputs, weights.a);
  multiply_add(sums.b, inputs, weights.b);
  multiply_add(sums.c, inputs, weights.c);
  multiply_add(sums.d, inputs, weights.d);
}

HEED_VNNI_INLINE void add(Block& to, const Block& from) {
  to.a = _mm512_add_epi32(to.a, from.a);
  to.b = _mm512_add_epi32(to.b, from.b);
  to.c = _mm512_add_epi32(to.c, from.c);
  to.d = _mm512_add_epi32(to.d, from.d);
}

// A vector of sums of a row, scaled.
HEED_VNNI_INLINE void store(const Tile& tile, std::int64_t row, std::int64_t first, __m512i sums) {
  const std::int64_t at = tile.output + first;
  const __mmask16 lanes = first_lanes(tile.to.out - at);
  float* y = tile.to.y + row * tile.to.out + at;
  const __m512i whole = _mm512_sub_epi32(sums, _mm512_maskz_loadu_epi32(lanes, tile.term.sum + at));
  const __m512 row_scale = _mm512_set1_ps(tile.term.row_scale[row]);
  const __m512 factor = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, tile.term.scale + at), row_scale);
  const __m512 before = tile.add ? _mm512_maskz_loadu_ps(lanes, y) : _mm512_setzero_ps();
  _mm512_mask_storeu_ps(y, lanes, _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), factor, before));
}

HEED_VNNI_INLINE void store(const Tile& tile, std::int64_t row, const Block& sums) {
  store(tile, row, 0, sums.a);
  store(tile, row, kLanes, sums.b);
  store(tile, row, 2 * kLanes, sums.c);
  store(tile, row, 3 * kLanes, sums.d);
}

// The sums of kRows rows. A struct in a struct, since GCC keeps arrays in memory.
template <int kRows>
struct Rows {
  Block first;
  Rows<kRows - 1> others;

  HEED_VNNI_INLINE void clear() {
    first.a = first.b = first.c = first.d = _mm512_setzero_si512();
    others.clear();
  }
  HEED_VNNI_INLINE void multiply_add_all(const std::uint8_t* x, std::int64_t stride, const Block& weights) {
    multiply_add(first, x, weights);
    others.multiply_add_all(x + stride, stride, weights);
  }
  HEED_VNNI_INLINE void add_all(const Rows& from) {
    add(first, from.first);
    others.add_all(from.others);
  }
  HEED_VNNI_INLINE void store_all(const Tile& tile, std::int64_t row) const {
    store(tile, row, first);
    others.store_all(tile, row + 1);
  }
};
template <>
struct Rows<0> {
  HEED_VNNI_INLINE void clear() {}
  HEED_VNNI_INLINE void multiply_add_all(const std::uint8_t*, std::int64_t, const Block&) {}
  HEED_VNNI_INLINE void add_all(const Rows&) {}
  HEED_VNNI_INLINE void store_all(const Tile&, std::int64_t) const {}
};

constexpr std::int64_t kFetched = 128;  // bytes

HEED_VNNI_INLINE void fetch(const std::int8_t* from) {
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
  _mm_prefetch(reinterpret_cast<const char*>(from + kFetched / 2), _MM_HINT_T0);
}

template <int kRows>
HEED_VNNI void multiply_tile(const Tile& tile) {
  constexpr std::int64_t kBytes = kOut * kGroup;
  constexpr bool kTwoChains = kRows <= 3;  // so few sums would wait for themselves
  Rows<kRows> even;
  even.clear();
  Rows<kTwoChains ? kRows : 0> odd;
  odd.clear();
  const std::int64_t inputs = tile.term.in_blocks * Int8Blocks::kIn;
  const std::uint8_t* x = tile.term.x + tile.row * inputs;
  const std::int8_t* weights = tile.term.blocks + tile.output * inputs;
  const std::int8_t* ahead = tile.ahead.weights;
  for (std::int64_t k = 0; k < inputs; k += 2 * kGroup, weights += 2 * kBytes, ahead += tile.ahead.step) {
    if constexpr (!kTwoChains) fetch(ahead);
    even.multiply_add_all(x + k, inputs, load(weights));
    if constexpr (kTwoChains) odd.multiply_add_all(x + k + kGroup, inputs, load(weights + kBytes));
    if constexpr (!kTwoChains) even.multiply_add_all(x + k + kGroup, inputs, load(weights + kBytes));
  }
  if constexpr (kTwoChains) even.add_all(odd);
  even.store_all(tile, tile.row);
}

using MultiplyTile = void (*)(const Tile&);
constexpr MultiplyTile kTiles[kMostRows] = {multiply_tile<1>, multiply_tile<2>, multiply_tile<3>,
                                            multiply_tile<4>, multiply_tile<5>, multiply_tile<6>};

// The weights that follow those of a term, in as many parts as its first tiles fetch: they come from a far cache, and
// the processor itself begins too late.
class NextBlock {
 public:
  NextBlock(std::span<const VnniTerm> terms, std::size_t t, std::int64_t output, std::int64_t tiles) {
    const VnniTerm& now = terms[t];
    const bool last = t + 1 == terms.size();
    const VnniTerm& next = terms[last ? 0 : t + 1];
    const std::int64_t begin = (last ? output + kOut : output) * next.in_blocks * Int8Blocks::kIn;
    weights_ = next.blocks + begin;
    part_ = now.in_blocks * Int8Blocks::kIn / (2 * kGroup) * kFetched;
    // Few rows wait for each of their weights anyway.
    parts_ = tiles < kParts ? 0 : std::min(kParts, next.in_blocks * Int8Blocks::kIn * kOut / part_);
  }
  Ahead part(std::int64_t tile) const {
    return tile < parts_ ? Ahead{weights_ + tile * part_, kFetched} : Ahead{weights_, 0};
  }

 private:
  static constexpr std::int64_t kParts = kOut * 2 * kGroup / kFetched;
  const std::int8_t* weights_;
  std::int64_t part_;
  std::int64_t parts_;
};

}  // namespace

void quantize_rows_vnni(const Tensor& x, std::uint8_t* bytes, std::int64_t stride, float* row_scale) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const Int8Scale scale = int8_scale(largest_magnitude(x.row(r), x.columns));
    quantize(x.row(r), scale.inverse, bytes + r * stride, x.columns);
    row_scale[r] = scale.scale;
  }
}

void multiply_vnni(std::span<const VnniTerm> terms, const VnniOutput& to) {
  if (to.rows == 0) return;
  const std::int64_t tiles = (to.rows + kMostRows - 1) / kMostRows;
  const std::int64_t least = to.rows / tiles;
  const std::int64_t larger = to.rows % tiles;
  // All rows by a block of weights, which stays in the nearest caches however many they are.
  for (std::int64_t output = 0; output < to.out; output += kOut) {
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const VnniTerm& term = terms[t];
      const bool add = to.add || t > 0;
      const NextBlock next(terms, t, output, tiles);
      for (std::int64_t tile = 0, row = 0; tile < tiles; ++tile) {
        const std::int64_t count = least + (tile < larger ? 1 : 0);
        kTiles[count - 1]({term, to, row, output, add, next.part(tile)});
        row += count;
      }
    }
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

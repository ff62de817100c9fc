#pragma once

#if defined(__x86_64__)
#if !defined(__clang__)
// What GCC 12 says of its own immintrin.h (bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#define HEED_WIDE __attribute__((target("avx512f,avx512bw,avx512vl")))
#define HEED_WIDE_INLINE [[gnu::always_inline]] HEED_WIDE inline

// Products in the registers of AVX-512: tiles of a few rows by a block of 64 outputs. A step takes 32 bits of inputs of
// each row (a float32, two bfloat16, four int8) and as many of the weights of each output. `Numbers` says how they are
// multiplied and what becomes of the sums:
//
//   multiply_add(sums, inputs, weights)          a step of 16 outputs, in assembly: GCC copies sums between registers
//                                                around intrinsics, and does not keep all of a tile there
//   Finish                                       where the tile's sums go
//   store(finish, row, first, sums)              16 outputs of a row of the tile, from its output `first` on
//   fetch(finish, row)                           reads the lines that they will be stored to
//   kWholeNumbers                                whether sums are int32, hence the same in any order
//
// Others are summed in the same order whatever the number of rows of a tile.
namespace heed::wide {

constexpr std::int64_t kLanes = 16;  // outputs of a vector
constexpr std::int64_t kOut = 64;    // of a block
constexpr std::int64_t kStep = 4;    // bytes of inputs
constexpr std::int64_t kStepWeights = kOut * kStep;
constexpr std::int64_t kMostRows = 6;  // of a tile: more sums would not stay in registers

HEED_WIDE_INLINE __mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count, 0, kLanes)) - 1);
}

// Weights that are read later, and how many bytes to go on after each two steps.
struct Ahead {
  const std::uint8_t* weights;
  std::int64_t bytes;
};

// What a tile multiplies. How far apart its inputs lie is a type, so that addresses are constants.
struct RowsOfInputs {
  static constexpr bool kFetchesAhead = true;
  static constexpr std::int64_t kNextStep = kStep;
  std::int64_t next_row;
};
struct ColumnsOfInputs {
  static constexpr bool kFetchesAhead = false;
  static constexpr std::int64_t kNextStep = kMostRows * kStep;
  static constexpr std::int64_t next_row = kStep;
};
template <typename Inputs>
struct Tile {
  const std::uint8_t* x;  // of its first row
  Inputs inputs;
  const std::uint8_t* weights;  // of its block
  std::int64_t steps;
  Ahead ahead;
};

HEED_WIDE_INLINE void fetch_line(const void* from) { _mm_prefetch(static_cast<const char*>(from), _MM_HINT_T0); }
HEED_WIDE_INLINE void fetch_numbers(const float* from, std::int64_t count) {
  for (std::int64_t n = 0; n < count; n += kLanes) fetch_line(from + n);
}

// Sums of the outputs of a block, or weights of a step.
struct Block {
  __m512i a, b, c, d;
};

HEED_WIDE_INLINE Block load(const std::uint8_t* from) {
  constexpr std::int64_t kBytes = kLanes * kStep;
  return {_mm512_loadu_si512(from), _mm512_loadu_si512(from + kBytes), _mm512_loadu_si512(from + 2 * kBytes),
          _mm512_loadu_si512(from + 3 * kBytes)};
}

// The sums of kRows rows. A struct in a struct, since GCC keeps arrays in memory.
template <typename Numbers, int kRows>
struct Rows {
  Block first;
  Rows<Numbers, kRows - 1> others;

  HEED_WIDE_INLINE void clear() {
    first.a = first.b = first.c = first.d = _mm512_setzero_si512();
    others.clear();
  }
  template <typename Inputs>
  HEED_WIDE_INLINE void multiply_add_all(const std::uint8_t* x, const Inputs& inputs, const Block& weights) {
    int word;
    std::memcpy(&word, x, sizeof word);
    const __m512i all = _mm512_set1_epi32(word);
    Numbers::multiply_add(first.a, all, weights.a);
    Numbers::multiply_add(first.b, all, weights.b);
    Numbers::multiply_add(first.c, all, weights.c);
    Numbers::multiply_add(first.d, all, weights.d);
    others.multiply_add_all(x + inputs.next_row, inputs, weights);
  }
  HEED_WIDE_INLINE void add_all(const Rows& from) {
    first.a = _mm512_add_epi32(first.a, from.first.a);
    first.b = _mm512_add_epi32(first.b, from.first.b);
    first.c = _mm512_add_epi32(first.c, from.first.c);
    first.d = _mm512_add_epi32(first.d, from.first.d);
    others.add_all(from.others);
  }
  HEED_WIDE_INLINE static void fetch_all(const typename Numbers::Finish& finish, std::int64_t row) {
    Numbers::fetch(finish, row);
    Rows<Numbers, kRows - 1>::fetch_all(finish, row + 1);
  }
  HEED_WIDE_INLINE void store_all(const typename Numbers::Finish& finish, std::int64_t row) const {
    Numbers::store(finish, row, 0, first.a);
    Numbers::store(finish, row, kLanes, first.b);
    Numbers::store(finish, row, 2 * kLanes, first.c);
    Numbers::store(finish, row, 3 * kLanes, first.d);
    others.store_all(finish, row + 1);
  }
};
template <typename Numbers>
struct Rows<Numbers, 0> {
  HEED_WIDE_INLINE void clear() {}
  template <typename Inputs>
  HEED_WIDE_INLINE void multiply_add_all(const std::uint8_t*, const Inputs&, const Block&) {}
  HEED_WIDE_INLINE void add_all(const Rows&) {}
  HEED_WIDE_INLINE static void fetch_all(const typename Numbers::Finish&, std::int64_t) {}
  HEED_WIDE_INLINE void store_all(const typename Numbers::Finish&, std::int64_t) const {}
};

constexpr std::int64_t kFetched = 128;  // bytes of weights after two steps

template <typename Numbers, typename Inputs, int kRows>
HEED_WIDE void multiply_tile(const Tile<Inputs>& tile, const typename Numbers::Finish& finish) {
  constexpr bool kTwoChains = Numbers::kWholeNumbers && kRows <= 3;  // so few sums would wait for themselves
  constexpr std::int64_t kNext = Inputs::kNextStep;
  Rows<Numbers, kRows>::fetch_all(finish, 0);
  Rows<Numbers, kRows> even;
  even.clear();
  Rows<Numbers, kTwoChains ? kRows : 0> odd;
  odd.clear();
  const std::uint8_t* x = tile.x;
  const std::uint8_t* weights = tile.weights;
  const std::uint8_t* ahead = tile.ahead.weights;
  const Inputs inputs = tile.inputs;
  for (std::int64_t pair = tile.steps / 2; pair > 0; --pair) {
    if constexpr (Inputs::kFetchesAhead && !kTwoChains) {
      fetch_line(ahead);
      fetch_line(ahead + kFetched / 2);
    }
    even.multiply_add_all(x, inputs, load(weights));
    if constexpr (kTwoChains) odd.multiply_add_all(x + kNext, inputs, load(weights + kStepWeights));
    if constexpr (!kTwoChains) even.multiply_add_all(x + kNext, inputs, load(weights + kStepWeights));
    x += 2 * kNext;
    weights += 2 * kStepWeights;
    ahead += tile.ahead.bytes;
  }
  if (tile.steps % 2 == 1) even.multiply_add_all(x, inputs, load(weights));
  if constexpr (kTwoChains) even.add_all(odd);
  even.store_all(finish, 0);
}

template <typename Numbers, typename Inputs>
using MultiplyTile = void (*)(const Tile<Inputs>&, const typename Numbers::Finish&);
template <typename Numbers, typename Inputs>
constexpr MultiplyTile<Numbers, Inputs> kTiles[kMostRows] = {
    multiply_tile<Numbers, Inputs, 1>, multiply_tile<Numbers, Inputs, 2>, multiply_tile<Numbers, Inputs, 3>,
    multiply_tile<Numbers, Inputs, 4>, multiply_tile<Numbers, Inputs, 5>, multiply_tile<Numbers, Inputs, 6>};

// All rows by a block of weights, which stays in the nearest caches however many they are.
struct RowsByBlock {
  const std::uint8_t* x;  // [rows][row_bytes]
  std::int64_t row_bytes;
  std::int64_t rows;
  const std::uint8_t* weights;
  std::int64_t steps;
};

// The weights of the next block, in as many parts as the first tiles of this one fetch: they come from a far cache, and
// the processor itself begins too late.
class NextBlock {
 public:
  NextBlock(const RowsByBlock& now, const std::uint8_t* next, std::int64_t bytes)
      : weights_(next), part_(now.steps / 2 * kFetched) {
    // Few rows wait for each of their weights anyway.
    if (now.rows > (kParts - 1) * kMostRows && part_ > 0) parts_ = std::min(kParts, bytes / part_);
  }
  Ahead part(std::int64_t tile) const {
    return tile < parts_ ? Ahead{weights_ + tile * part_, kFetched} : Ahead{weights_, 0};
  }

 private:
  static constexpr std::int64_t kParts = 2 * kStepWeights / kFetched;
  const std::uint8_t* weights_;
  std::int64_t part_;
  std::int64_t parts_ = 0;
};

// finish_of(row) is the Finish of a tile that begins there. Tiles have equal numbers of rows, as far as that goes.
template <typename Numbers, typename FinishOf>
void multiply_block(const RowsByBlock& of, const NextBlock& next, FinishOf&& finish_of) {
  const std::int64_t tiles = (of.rows + kMostRows - 1) / kMostRows;
  for (std::int64_t tile = 0, row = 0; tile < tiles; ++tile) {
    const std::int64_t count = of.rows / tiles + (tile < of.rows % tiles ? 1 : 0);
    kTiles<Numbers, RowsOfInputs>[count - 1](
        {of.x + row * of.row_bytes, {of.row_bytes}, of.weights, of.steps, next.part(tile)}, finish_of(row));
    row += count;
  }
}

}  // namespace heed::wide
#endif

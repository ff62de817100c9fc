#include "heed/kernels/int8_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "int8_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/kernels/conversions.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kBlock = Int8Blocks::kIn;  // inputs, and outputs, of a block
constexpr std::int64_t kGroup = 4;                // inputs of an output beside each other

// Scales the sums of some outputs of a row while they are in a register: what dequantize_row does, to the bit.
template <class Sums>
HWY_INLINE void StoreOutputs(const Int8Product& of, std::int64_t row, std::int64_t output, Sums sums) {
  const hn::RebindToFloat<hn::DFromV<Sums>> floats;
  constexpr std::int64_t kOutputs = hn::MaxLanes(floats);
  const auto scaled = [&](const float* scale, const float* before) {
    const auto factor = hn::Mul(hn::LoadU(floats, scale), hn::Set(floats, of.row_scale[row]));
    return hn::MulAdd(hn::ConvertTo(floats, sums), factor, of.add ? hn::LoadU(floats, before) : hn::Zero(floats));
  };
  float* y = of.y + row * of.out + output;
  const std::int64_t left = of.out - output;
  if (left >= kOutputs) return hn::StoreU(scaled(of.scale + output, y), floats, y);
  float scale[kOutputs] = {};
  float rest[kOutputs] = {};
  for (std::int64_t n = 0; n < left; ++n) {
    scale[n] = of.scale[output + n];
    rest[n] = of.add ? y[n] : 0.0F;
  }
  hn::StoreU(scaled(scale, rest), floats, rest);
  for (std::int64_t n = 0; n < left; ++n) y[n] = rest[n];
}

#if (HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR) || HWY_TARGET == HWY_WASM

using Words = hn::ScalableTag<std::int16_t>;
using Sums = hn::Repartition<std::int32_t, Words>;

// Words of two bytes become two of one by shifts alone. What they leave beside each other are the inputs 0 and 2 of a
// group of four, and 1 and 3: these are the pairs here. Of as many groups as fill a vector the first pairs stand before
// the second ones.
constexpr std::int64_t kVectors = 2;  // of a panel
constexpr std::int64_t kLanes = hn::MaxLanes(Words());
constexpr std::int64_t kGroups = hn::MaxLanes(Sums());
constexpr std::int64_t kPanel = kVectors * kGroups;  // outputs of a panel
constexpr std::int64_t kPair = 2;
static_assert(kBlock % kPanel == 0 && kBlock % (kGroups * kGroup) == 0 && kPanel <= Int8Product::kMostPanel);

// The weights of a panel, one behind the other: where they lie, all are as far apart as makes them push each other out
// of the nearest cache.
void WidenPanel(const std::int8_t* weights, std::int64_t inputs, std::int16_t* panel) {
  const Words words;
  const hn::Repartition<std::int8_t, Words> bytes;
  for (std::int64_t k = 0; k < inputs; k += kGroups * kGroup, panel += kGroups * kGroup * kPanel) {
    for (std::int64_t group = 0; group < kGroups; ++group, weights += kBlock * kGroup) {
      HWY_UNROLL(16)
      for (std::int64_t v = 0; v < kVectors; ++v) {
        const auto two = hn::BitCast(words, hn::LoadU(bytes, weights + 2 * v * kLanes));
        std::int16_t* to = panel + (group * kVectors + v) * kLanes;
        hn::StoreU(hn::ShiftRight<8>(hn::ShiftLeft<8>(two)), words, to);
        hn::StoreU(hn::ShiftRight<8>(two), words, to + kGroups * kVectors * kLanes);
      }
    }
  }
}

// The bytes of the rows of a tile as words, those of all rows beside each other. Rows one behind the other are often so
// far apart that reading from several at once is slower.
template <std::int64_t kRows>
void WidenRows(const Int8Product& of, std::int64_t row, std::int16_t* x) {
  const Words words;
  const Sums pairs;
  const hn::Repartition<std::int8_t, Words> bytes;
  const std::int8_t* from = of.x + row * of.in;
  auto* to = reinterpret_cast<std::int32_t*>(x);
  const auto store = [&](const hn::Vec<Words>* v) {
    const auto of_row = [&](std::int64_t r) { return hn::BitCast(pairs, v[r]); };
    if constexpr (kRows == 1) hn::StoreU(of_row(0), pairs, to);
    if constexpr (kRows == 2) hn::StoreInterleaved2(of_row(0), of_row(1), pairs, to);
    if constexpr (kRows == 3) hn::StoreInterleaved3(of_row(0), of_row(1), of_row(2), pairs, to);
    if constexpr (kRows == 4) hn::StoreInterleaved4(of_row(0), of_row(1), of_row(2), of_row(3), pairs, to);
    to += kRows * kGroups;
  };
  for (std::int64_t k = 0; k < of.in_blocks * kBlock; k += kGroups * kGroup) {
    hn::Vec<Words> first[kRows];
    hn::Vec<Words> second[kRows];
    HWY_UNROLL(16)
    for (std::int64_t r = 0; r < kRows; ++r) {
      const auto two = hn::BitCast(words, hn::LoadU(bytes, from + r * of.in + k));
      first[r] = hn::ShiftRight<8>(hn::ShiftLeft<8>(two));
      second[r] = hn::ShiftRight<8>(two);
    }
    store(first);
    store(second);
  }
}

// kRows rows by a panel whose first output is `output`.
template <std::int64_t kRows>
void MultiplyTile(const Int8Product& of, std::int64_t row, std::int64_t output) {
  const Words words;
  const Sums sums;
  hn::Vec<Sums> total[kRows][kVectors];
  HWY_UNROLL(16)
  for (auto& of_row : total) {
    HWY_UNROLL(16)
    for (auto& sum : of_row) sum = hn::Zero(sums);
  }
  const std::int64_t inputs = of.in_blocks * kBlock;
  const std::int16_t* HWY_RESTRICT x = of.words + row * inputs;
  const std::int16_t* HWY_RESTRICT weights = of.panel;
  for (std::int64_t k = 0; k < inputs; k += kPair, x += kPair * kRows, weights += kPair * kPanel) {
    hn::Vec<Words> w[kVectors];
    HWY_UNROLL(16)
    for (std::int64_t v = 0; v < kVectors; ++v) w[v] = hn::LoadU(words, weights + v * kLanes);
    HWY_UNROLL(16)
    for (std::int64_t r = 0; r < kRows; ++r) {
      std::int32_t pair;
      __builtin_memcpy(&pair, x + r * kPair, sizeof pair);
      const auto input = hn::BitCast(words, hn::Set(sums, pair));
      HWY_UNROLL(16)
      for (std::int64_t v = 0; v < kVectors; ++v) {
        auto unused = hn::Zero(sums);  // on x86 and in WebAssembly the sums of pairs are all in the first
        total[r][v] = hn::ReorderWidenMulAccumulate(sums, input, w[v], total[r][v], unused);
      }
    }
  }
  HWY_UNROLL(16)
  for (std::int64_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (std::int64_t v = 0; v < kVectors; ++v) {
      const std::int64_t at = output + v * kGroups;
      if (at < of.out) StoreOutputs(of, row + r, at, total[r][v]);
    }
  }
}

constexpr std::int64_t kMostRows = 4;  // of a tile: more sums would not stay in registers

// Calls run(first row, number of rows) for tiles of equal numbers of rows, as far as that goes.
template <typename Run>
HWY_INLINE void each_tile(std::int64_t rows, Run run) {
  if (rows == 0) return;
  const std::int64_t tiles = (rows + kMostRows - 1) / kMostRows;
  const std::int64_t least = rows / tiles;
  const std::int64_t larger = rows % tiles;
  for (std::int64_t tile = 0, row = 0; tile < tiles; ++tile) {
    const std::int64_t count = least + (tile < larger ? 1 : 0);
    run(row, count);
    row += count;
  }
}

void MultiplyPanels(const Int8Product& of) {
  using Widen = void (*)(const Int8Product&, std::int64_t row, std::int16_t* x);
  using Tile = void (*)(const Int8Product&, std::int64_t row, std::int64_t output);
  constexpr Widen kWiden[kMostRows] = {WidenRows<1>, WidenRows<2>, WidenRows<3>, WidenRows<4>};
  constexpr Tile kTiles[kMostRows] = {MultiplyTile<1>, MultiplyTile<2>, MultiplyTile<3>, MultiplyTile<4>};
  const std::int64_t inputs = of.in_blocks * kBlock;
  each_tile(of.rows,
            [&](std::int64_t row, std::int64_t count) { kWiden[count - 1](of, row, of.words + row * inputs); });
  for (std::int64_t output = 0; output < of.out; output += kPanel) {
    WidenPanel(of.blocks + output / kBlock * inputs * kBlock + output % kBlock * kGroup, inputs, of.panel);
    each_tile(of.rows, [&](std::int64_t row, std::int64_t count) { kTiles[count - 1](of, row, output); });
  }
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

// Few rows wait for the weights: they are read once, in their order, and multiplied as bytes. The magnitudes of the
// inputs are unsigned, and their signs go to the weights: products of two inputs then fit 16 bits.
template <int kRows, int kVectors>
HWY_INLINE void MultiplyByteTile(const Int8Product& of, std::int64_t row, std::int64_t block, std::int64_t first) {
  constexpr std::int64_t kOutputs = 8;  // of a vector
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i total[kRows][kVectors];
  HWY_UNROLL(16)
  for (auto& of_row : total) {
    HWY_UNROLL(16)
    for (auto& sum : of_row) sum = _mm256_setzero_si256();
  }
  const std::int64_t inputs = of.in_blocks * kBlock;
  const std::int8_t* weights = of.blocks + block * inputs * kBlock + first * kGroup;
  const std::int8_t* x = of.x + row * of.in;
  for (std::int64_t k = 0; k < inputs; k += kGroup, weights += kBlock * kGroup) {
    __m256i input[kRows];
    __m256i magnitude[kRows];
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      int four;
      __builtin_memcpy(&four, x + r * of.in + k, sizeof four);
      input[r] = _mm256_set1_epi32(four);
      magnitude[r] = _mm256_abs_epi8(input[r]);
    }
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) {
      const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + v * kOutputs * kGroup));
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) {
        const __m256i pairs = _mm256_maddubs_epi16(magnitude[r], _mm256_sign_epi8(w, input[r]));
        total[r][v] = _mm256_add_epi32(total[r][v], _mm256_madd_epi16(pairs, ones));
      }
    }
  }
  const hn::FixedTag<std::int32_t, kOutputs> sums;
  const std::int64_t begin = block * kBlock + first;
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) {
      const std::int64_t output = begin + v * kOutputs;
      if (output < of.out) StoreOutputs(of, row + r, output, hn::Vec<decltype(sums)>{total[r][v]});
    }
  }
}

template <int kVectors, typename Run>
HWY_INLINE void each_output(std::int64_t out, Run run) {
  for (std::int64_t block = 0; block * kBlock < out; ++block) {
    const std::int64_t count = HWY_MIN(kBlock, out - block * kBlock);
    for (std::int64_t first = 0; first < count; first += kVectors * 8) run(block, first);
  }
}

void MultiplyBytes(const Int8Product& of) {
  if (of.rows == 1) return each_output<8>(of.out, [&](auto... at) { MultiplyByteTile<1, 8>(of, 0, at...); });
  if (of.rows == 2) return each_output<4>(of.out, [&](auto... at) { MultiplyByteTile<2, 4>(of, 0, at...); });
  using Tile = void (*)(const Int8Product&, std::int64_t row, std::int64_t block, std::int64_t first);
  constexpr Tile kTiles[kMostRows] = {MultiplyByteTile<1, 2>, MultiplyByteTile<2, 2>, MultiplyByteTile<3, 2>,
                                      MultiplyByteTile<4, 2>};
  each_output<2>(of.out, [&](auto... at) {
    each_tile(of.rows, [&](std::int64_t row, std::int64_t count) { kTiles[count - 1](of, row, at...); });
  });
}

void Multiply(const Int8Product& of) {
  constexpr std::int64_t kFewRows = 16;
  of.rows < kFewRows ? MultiplyBytes(of) : MultiplyPanels(of);
}

#else

void Multiply(const Int8Product& of) { MultiplyPanels(of); }

#endif

#elif defined(__aarch64__)

void Multiply(const Int8Product& of) { multiply_neon(of); }

#else

void Multiply(const Int8Product& of) {
  const std::int64_t inputs = of.in_blocks * kBlock;
  for (std::int64_t r = 0; r < of.rows; ++r) {
    for (std::int64_t n = 0; n < of.out; ++n) {
      const std::int8_t* weights = of.blocks + n / kBlock * inputs * kBlock + n % kBlock * kGroup;
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < of.in; ++k) {
        sum += of.x[r * of.in + k] * weights[k / kGroup * kBlock * kGroup + k % kGroup];
      }
      const hn::CappedTag<std::int32_t, 1> one;
      StoreOutputs(of, r, n, hn::Set(one, sum));
    }
  }
}

#endif

}  // namespace
}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_KERNEL(void multiply_int8(const Int8Product& of), Multiply, of);

}  // namespace heed
#endif

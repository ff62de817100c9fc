#include "kernels/int8_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "kernels/narrow.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kBlock = Int8Blocks::kIn;  // inputs, and outputs, of a block
constexpr std::int64_t kGroup = 4;                // inputs of an output beside each other

// Scales the sums of some outputs of a row while they are in a register: what dequantize_row does, to the bit.
// kOffset: inputs were less 128 already.
template <bool kOffset, class D>
HWY_INLINE void StoreOutputs(const Int8Product& of, std::int64_t row, std::int64_t output, D integers,
                             hn::Vec<D> sums) {
  const hn::RebindToFloat<D> floats;
  constexpr std::int64_t kLanes = hn::MaxLanes(D());
  const auto scaled = [&](const std::int32_t* sum, const float* scale, const float* before) {
    const auto product = kOffset ? sums : hn::Sub(sums, hn::LoadU(integers, sum));
    const auto factor = hn::Mul(hn::LoadU(floats, scale), hn::Set(floats, of.row_scale[row]));
    return hn::MulAdd(hn::ConvertTo(floats, product), factor, of.add ? hn::LoadU(floats, before) : hn::Zero(floats));
  };
  float* y = of.y + row * of.out + output;
  const std::int64_t left = of.out - output;
  if (left >= kLanes) return hn::StoreU(scaled(of.sum + output, of.scale + output, y), floats, y);
  std::int32_t sum[kLanes] = {};
  float scale[kLanes] = {};
  float rest[kLanes] = {};
  for (std::int64_t n = 0; n < left; ++n) {
    sum[n] = of.sum[output + n];
    scale[n] = of.scale[output + n];
    rest[n] = of.add ? y[n] : 0.0F;
  }
  hn::StoreU(scaled(sum, scale, rest), floats, rest);
  for (std::int64_t n = 0; n < left; ++n) y[n] = rest[n];
}

#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR

using Words = hn::ScalableTag<std::int16_t>;
using Sums = hn::Repartition<std::int32_t, Words>;

// kRows rows by kVectors vectors of outputs from `first` of a column of blocks. A vector holds the four inputs of each
// of its outputs, so that a product of pairs leaves two sums for each, which stay apart until the end.
template <int kRows, int kVectors>
HWY_INLINE void MultiplyTile(const Int8Product& of, std::int64_t row, std::int64_t block, std::int64_t first) {
  const Words words;
  const Sums sums;
  const hn::Rebind<std::int8_t, Words> bytes;
  const hn::Repartition<std::int64_t, Words> groups;
  constexpr std::int64_t kLanes = hn::MaxLanes(Words());
  hn::Vec<Sums> total[kRows][kVectors];
  HWY_UNROLL(16)
  for (auto& of_row : total) {
    HWY_UNROLL(16)
    for (auto& sum : of_row) sum = hn::Zero(sums);
  }
  const std::int64_t inputs = of.in_blocks * kBlock;
  const std::int8_t* weights = of.blocks + block * inputs * kBlock + first * kGroup;
  const std::int16_t* x = of.x + row * inputs;
  for (std::int64_t k = 0; k < inputs; k += kGroup, weights += kBlock * kGroup) {
    hn::Vec<Words> w[kVectors];
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) w[v] = hn::PromoteTo(words, hn::LoadU(bytes, weights + v * kLanes));
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      std::int64_t four;
      __builtin_memcpy(&four, x + r * inputs + k, sizeof four);
      const auto input = hn::BitCast(words, hn::Set(groups, four));
      HWY_UNROLL(16)
      for (int v = 0; v < kVectors; ++v) {
        auto unused = hn::Zero(sums);
        total[r][v] = hn::ReorderWidenMulAccumulate(sums, input, w[v], total[r][v], unused);
      }
    }
  }
  // By way of memory: shuffles of the sums themselves make GCC keep one of the loop above there.
  constexpr std::int64_t kPairs = hn::MaxLanes(Sums());
  HWY_ALIGN std::int32_t pairs[kRows][kVectors * kPairs];
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (int v = 0; v < kVectors; ++v) hn::Store(total[r][v], sums, pairs[r] + v * kPairs);
  }
  __asm__ volatile("" ::: "memory");
  const std::int64_t begin = block * kBlock + first;
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors / 2; ++v) {
      const std::int64_t output = begin + v * kPairs;
      if (output >= of.out) break;
      hn::Vec<Sums> even;
      hn::Vec<Sums> odd;
      hn::LoadInterleaved2(sums, pairs[r] + 2 * v * kPairs, even, odd);
      StoreOutputs<false>(of, row + r, output, sums, hn::Add(even, odd));
    }
  }
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

// Few rows wait for the weights: they are read once, in their order, and multiplied as bytes. The magnitudes of the
// inputs (less 128) are unsigned, and their signs go to the weights: products of two inputs then fit 16 bits.
template <int kRows, int kVectors>
HWY_INLINE void MultiplyByteTile(const Int8Product& of, std::int64_t row, std::int64_t block, std::int64_t first) {
  constexpr std::int64_t kOutputs = 8;  // of a vector
  const __m256i ones = _mm256_set1_epi16(1);
  const __m256i offset = _mm256_set1_epi8(-128);
  __m256i total[kRows][kVectors];
  HWY_UNROLL(16)
  for (auto& of_row : total) {
    HWY_UNROLL(16)
    for (auto& sum : of_row) sum = _mm256_setzero_si256();
  }
  const std::int64_t inputs = of.in_blocks * kBlock;
  const std::int8_t* weights = of.blocks + block * inputs * kBlock + first * kGroup;
  const std::uint8_t* x = of.bytes + row * of.in;
  for (std::int64_t k = 0; k < inputs; k += kGroup, weights += kBlock * kGroup) {
    __m256i input[kRows];
    __m256i magnitude[kRows];
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      int four;
      __builtin_memcpy(&four, x + r * of.in + k, sizeof four);
      input[r] = _mm256_xor_si256(_mm256_set1_epi32(four), offset);
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
      if (output < of.out) StoreOutputs<true>(of, row + r, output, sums, hn::Vec<decltype(sums)>{total[r][v]});
    }
  }
}

template <int kRows, int kVectors>
void MultiplyFewRows(const Int8Product& of, std::int64_t row, std::int64_t block) {
  constexpr std::int64_t kOutputs = kVectors * 8;
  const std::int64_t count = HWY_MIN(kBlock, of.out - block * kBlock);
  for (std::int64_t first = 0; first < count; first += kOutputs) {
    MultiplyByteTile<kRows, kVectors>(of, row, block, first);
  }
}

constexpr int kVectorsOfOneRow = 8;

#else

template <int kRows, int kVectors>
void MultiplyFewRows(const Int8Product& of, std::int64_t row, std::int64_t block) {
  constexpr std::int64_t kOutputs = kVectors * static_cast<std::int64_t>(hn::MaxLanes(Words())) / kGroup;
  const std::int64_t count = HWY_MIN(kBlock, of.out - block * kBlock);
  for (std::int64_t first = 0; first < count; first += kOutputs) MultiplyTile<kRows, kVectors>(of, row, block, first);
}

constexpr int kVectorsOfOneRow = 4;

#endif

void MultiplyRest(const Int8Product& of, std::int64_t row, std::int64_t block) {
  const std::int64_t left = of.rows - row;
  if (left == 3) MultiplyFewRows<3, 2>(of, row, block);
  if (left == 2) MultiplyFewRows<2, 4>(of, row, block);
  if (left == 1) MultiplyFewRows<1, kVectorsOfOneRow>(of, row, block);
}

// A tile's outputs stay in the nearest cache while all rows meet them. As many sums at once as there are registers for.
void Multiply(const Int8Product& of) {
  constexpr int kRows = 4;
  constexpr int kVectors = 2;
  constexpr std::int64_t kOutputs = kVectors * static_cast<std::int64_t>(hn::MaxLanes(Words())) / kGroup;
  const std::int64_t tiled = of.rows / kRows * kRows;
  for (std::int64_t block = 0; block * kBlock < of.out; ++block) {
    const std::int64_t count = HWY_MIN(kBlock, of.out - block * kBlock);
    for (std::int64_t first = 0; first < count; first += kOutputs) {
      for (std::int64_t row = 0; row < tiled; row += kRows) MultiplyTile<kRows, kVectors>(of, row, block, first);
    }
    MultiplyRest(of, tiled, block);
  }
}

#else

void Multiply(const Int8Product& of) {
  const std::int64_t inputs = of.in_blocks * kBlock;
  for (std::int64_t r = 0; r < of.rows; ++r) {
    for (std::int64_t n = 0; n < of.out; ++n) {
      const std::int8_t* weights = of.blocks + n / kBlock * inputs * kBlock + n % kBlock * kGroup;
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < inputs; ++k) {
        sum += of.x[r * inputs + k] * weights[k / kGroup * kBlock * kGroup + k % kGroup];
      }
      const hn::CappedTag<std::int32_t, 1> one;
      StoreOutputs<false>(of, r, n, one, hn::Set(one, sum));
    }
  }
}

#endif

void WidenBytes(const std::uint8_t* bytes, std::int64_t count, std::int16_t* x) {
  const hn::ScalableTag<std::int16_t> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  const std::int64_t filled = (count + kBlock - 1) / kBlock * kBlock;
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::PromoteTo(wide, hn::LoadU(narrow, bytes + i)), wide, x + i);
  for (; i < count; ++i) x[i] = bytes[i];
  for (; i < filled; ++i) x[i] = 0;
}

}  // namespace
}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace heed {

HWY_EXPORT(Multiply);
HWY_EXPORT(WidenBytes);

void multiply_int8(const Int8Product& of) { HWY_DYNAMIC_DISPATCH(Multiply)(of); }

void widen_bytes(const std::uint8_t* bytes, std::int64_t count, std::int16_t* x) {
  HWY_DYNAMIC_DISPATCH(WidenBytes)(bytes, count, x);
}

}  // namespace heed
#endif

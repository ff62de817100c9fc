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
  for (auto& of_row : total) {
    for (auto& sum : of_row) sum = hn::Zero(sums);
  }
  const std::int64_t inputs = of.in_blocks * kBlock;
  const std::int8_t* weights = of.blocks + block * inputs * kBlock + first * kGroup;
  const std::int16_t* x = of.x + row * inputs;
  for (std::int64_t k = 0; k < inputs; k += kGroup, weights += kBlock * kGroup) {
    hn::Vec<Words> w[kVectors];
    for (int v = 0; v < kVectors; ++v) w[v] = hn::PromoteTo(words, hn::LoadU(bytes, weights + v * kLanes));
    for (int r = 0; r < kRows; ++r) {
      std::int64_t four;
      __builtin_memcpy(&four, x + r * inputs + k, sizeof four);
      const auto input = hn::BitCast(words, hn::Set(groups, four));
      for (int v = 0; v < kVectors; ++v) {
        auto unused = hn::Zero(sums);
        total[r][v] = hn::ReorderWidenMulAccumulate(sums, input, w[v], total[r][v], unused);
      }
    }
  }
  constexpr std::int64_t kPairs = hn::MaxLanes(Sums());
  HWY_ALIGN std::int32_t pairs[kVectors * kPairs];
  const std::int64_t begin = block * kBlock + first;
  const std::int64_t count = HWY_MIN(kVectors * kPairs / 2, of.out - begin);
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) hn::Store(total[r][v], sums, pairs + v * kPairs);
    std::int32_t* to = of.products + (row + r) * of.out + begin;
    for (std::int64_t n = 0; n < count; ++n) to[n] = pairs[2 * n] + pairs[2 * n + 1];
  }
}

template <int kRows, int kVectors>
void MultiplyRows(const Int8Product& of, std::int64_t row, std::int64_t block) {
  constexpr std::int64_t kOutputs = kVectors * static_cast<std::int64_t>(hn::MaxLanes(Words())) / kGroup;
  const std::int64_t count = HWY_MIN(kBlock, of.out - block * kBlock);
  for (std::int64_t first = 0; first < count; first += kOutputs) MultiplyTile<kRows, kVectors>(of, row, block, first);
}

// A column of blocks stays in the nearest cache while all rows meet it. As many sums at once as there are registers
// for.
void Multiply(const Int8Product& of) {
  constexpr std::int64_t kMostRows = 4;
  for (std::int64_t block = 0; block * kBlock < of.out; ++block) {
    std::int64_t row = 0;
    for (; row + kMostRows <= of.rows; row += kMostRows) MultiplyRows<kMostRows, 2>(of, row, block);
    const std::int64_t left = of.rows - row;
    if (left == 3) MultiplyRows<3, 2>(of, row, block);
    if (left == 2) MultiplyRows<2, 4>(of, row, block);
    if (left == 1) MultiplyRows<1, 4>(of, row, block);
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
      of.products[r * of.out + n] = sum;
    }
  }
}

#endif

}  // namespace
}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

namespace heed {

HWY_EXPORT(Multiply);

void multiply_int8(const Int8Product& of) { HWY_DYNAMIC_DISPATCH(Multiply)(of); }

void widen_bytes(const std::uint8_t* bytes, std::int64_t count, std::int16_t* x) {
  std::copy_n(bytes, count, x);
  std::fill(x + count, x + (count + Int8Blocks::kIn - 1) / Int8Blocks::kIn * Int8Blocks::kIn, std::int16_t{0});
}

}  // namespace heed
#endif

#pragma once
#include <arm_neon.h>

#include <algorithm>
#include <cstdint>

#include "heed/kernels/conversions.h"
#include "heed/kernels/int8_product.h"

// int8 products on NEON, from the blocks as they lie. `Sums` are those of four outputs of a row, and what they are made
// with; HEED_NEON, which the including file defines, is the instruction set of all that uses them:
//
//   clear()                          to 0
//   multiply_add(weights, next, x)   adds eight inputs x of the row by two groups of four inputs of the outputs
//   total()                          the four sums
namespace heed {
namespace {

constexpr std::int64_t kBlock = Int8Blocks::kOut;  // outputs of a block
constexpr std::int64_t kGroup = 4;                 // inputs of an output beside each other
constexpr std::int64_t kOutputs = 4;               // of a vector
constexpr std::int64_t kStep = 2 * kGroup;         // inputs

// What dequantize_row does, to the bit.
HEED_NEON inline float32x4_t scaled(int32x4_t sums, const float* scale, float row_scale, float32x4_t before) {
  return vfmaq_f32(before, vcvtq_f32_s32(sums), vmulq_n_f32(vld1q_f32(scale), row_scale));
}

// `count` sums of a row, of outputs from `output` on, some of which may be beyond the last. Never inline: sums that
// live across its calls would not stay in registers.
[[gnu::noinline]] HEED_NEON void store_outputs(const Int8Product& of, std::int64_t row, std::int64_t output,
                                               std::int64_t count, const std::int32_t* sums) {
  const float row_scale = of.row_scale[row];
  const std::int64_t last = std::min(output + count, of.out);
  float* y = of.y + row * of.out;
  for (; output + kOutputs <= last; output += kOutputs, sums += kOutputs) {
    const float32x4_t before = of.add ? vld1q_f32(y + output) : vdupq_n_f32(0);
    vst1q_f32(y + output, scaled(vld1q_s32(sums), of.scale + output, row_scale, before));
  }
  if (output >= last) return;
  float scale[kOutputs] = {};
  float rest[kOutputs] = {};
  std::copy(of.scale + output, of.scale + last, scale);
  if (of.add) std::copy(y + output, y + last, rest);
  vst1q_f32(rest, scaled(vld1q_s32(sums), scale, row_scale, vld1q_f32(rest)));
  std::copy_n(rest, last - output, y + output);
}

// kRows rows by kVectors vectors of outputs, which begin at `output`. Without unrolling, sums would not stay in
// registers.
template <typename Sums, int kRows, int kVectors>
HEED_NEON void multiply_tile(const Int8Product& of, std::int64_t row, std::int64_t output) {
  const std::int64_t inputs = of.in_blocks * Int8Blocks::kIn;
  const std::int8_t* weights = of.blocks + output / kBlock * inputs * kBlock + output % kBlock * kGroup;
  const std::int8_t* x = of.x + row * of.in;
  Sums sums[kRows][kVectors];
#pragma GCC unroll 16
  for (auto& of_row : sums) {
#pragma GCC unroll 16
    for (Sums& some : of_row) some.clear();
  }
  for (std::int64_t k = 0; k < inputs; k += kStep, weights += kStep * kBlock) {
    int8x8_t some[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) some[r] = vld1_s8(x + r * of.in + k);
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const int8x16_t first = vld1q_s8(weights + v * kOutputs * kGroup);
      const int8x16_t next = vld1q_s8(weights + v * kOutputs * kGroup + kGroup * kBlock);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sums[r][v].multiply_add(first, next, some[r]);
    }
  }
  std::int32_t totals[kRows][kVectors * kOutputs];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) vst1q_s32(totals[r] + v * kOutputs, sums[r][v].total());
  }
  for (int r = 0; r < kRows; ++r) store_outputs(of, row + r, output, kVectors * kOutputs, totals[r]);
}

template <typename Sums, int kRows, int kVectors>
HEED_NEON void multiply_tiles(const Int8Product& of, std::int64_t row) {
  static_assert(kBlock % (kVectors * kOutputs) == 0);
  for (std::int64_t output = 0; output < of.out; output += kVectors * kOutputs) {
    multiply_tile<Sums, kRows, kVectors>(of, row, output);
  }
}

// The weights of a tile are read for all rows while they are near.
template <typename Sums, int kVectors>
HEED_NEON void multiply_many(const Int8Product& of) {
  for (std::int64_t output = 0; output < of.out; output += kVectors * kOutputs) {
    std::int64_t row = 0;
    for (; row + 4 <= of.rows; row += 4) multiply_tile<Sums, 4, kVectors>(of, row, output);
    if (row + 2 <= of.rows) multiply_tile<Sums, 2, kVectors>(of, row, output), row += 2;
    if (row < of.rows) multiply_tile<Sums, 1, kVectors>(of, row, output);
  }
}

// kVectors: as many as one row's sums stay in registers.
template <typename Sums, int kVectors>
HEED_NEON void multiply_bytes(const Int8Product& of) {
  if (of.rows == 1) return multiply_tiles<Sums, 1, kVectors>(of, 0);
  if (of.rows == 2) return multiply_tiles<Sums, 2, kVectors / 2>(of, 0);
  multiply_many<Sums, kVectors / 4>(of);
}

}  // namespace
}  // namespace heed

#include "avx512_products.h"

#include <algorithm>
#include <vector>

#include "float_panels.h"
#include "gradient_cursor.h"
#include "heed/kernels/avx512_product.h"
#include "heed/kernels/conversions.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "row_blocks.h"

namespace heed {
namespace {

constexpr std::int64_t kOut = Avx512Blocks::kOut;
// Rows and inputs that are multiplied at once, so that they stay in the second cache beside a block of weights; fewer
// inputs would add to y more often.
constexpr std::int64_t kRows = 128;
constexpr std::int64_t kInputs = 2048;
static_assert(kInputs % Bfloat16Blocks::kIn == 0);
// Rows that are summed up at once in a gradient: as many as leave what is packed in the second cache.
constexpr std::int64_t kGradientRows = 384;

// Inputs of a step.
template <Precision kPrecision>
constexpr std::int64_t kStepInputs = kPrecision == Precision::kBfloat16 ? 2 : 1;

// Some outputs of weights that lie [in, out] or, transposed, [out, in], in blocks.
void pack_outputs(const Tensor& lying, bool transposed, std::int64_t first, std::int64_t count, float* blocks) {
  if (!transposed) return pack_outputs_plain(lying, {first, count}, kOut, blocks);
  for (std::int64_t n = 0; n < count; n += kOut, blocks += kOut * lying.columns) {
    turn_avx512_float32({lying.row(first + n), lying.columns, std::min(kOut, count - n), lying.columns, blocks});
  }
}

// Some inputs of some rows of x, as they are multiplied.
struct Inputs {
  const void* x;
  std::int64_t row_bytes;
};

Inputs as_bfloat16(const Tensor& x, std::int64_t first, std::int64_t count) {
  const WorkScope scope(WorkKind::kVector, "to_bfloat16");
  thread_local std::vector<std::uint16_t> memory;
  const std::int64_t width = round_up(count, std::int64_t{2});
  std::uint16_t* out = scratch(memory, x.rows * width);
  if (count == x.columns && count % 2 == 0) {
    to_bfloat16_natively(x.data, out, x.size());
  } else {
    for (std::int64_t r = 0; r < x.rows; ++r) {
      to_bfloat16_natively(x.row(r) + first, out + r * width, count);
      if (width > count) out[r * width + count] = 0;
    }
  }
  return {out, width * 2};
}

template <Precision kPrecision>
Inputs inputs_of(const Tensor& x, std::int64_t first, std::int64_t count) {
  if constexpr (kPrecision == Precision::kBfloat16) return as_bfloat16(x, first, count);
  return {x.data + first, x.columns * 4};
}

// Blocks of some outputs, and where they are in a row of y.
struct Outputs {
  const void* blocks;
  std::int64_t first;
  std::int64_t count;
  const OutputParts* parts = nullptr;
};

template <Precision kPrecision>
void multiply_outputs(const Tensor& x, const Outputs& outputs, const Tensor& y, Accumulate accumulate) {
  constexpr auto kMultiply = kPrecision == Precision::kBfloat16 ? multiply_avx512_bfloat16 : multiply_avx512_float32;
  constexpr std::int64_t kBytes = 4 / kStepInputs<kPrecision>;
  constexpr std::int64_t kUnit = kPrecision == Precision::kBfloat16 ? Bfloat16Blocks::kIn : 1;
  const std::int64_t block_bytes = kOut * kBytes * round_up(x.columns, kUnit);
  for (std::int64_t row = 0; row < x.rows; row += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - row);
    for (std::int64_t first = 0; first < x.columns; first += kInputs) {
      const std::int64_t count = std::min(kInputs, x.columns - first);
      const Inputs inputs = inputs_of<kPrecision>(x.slice(row, rows), first, count);
      kMultiply({.x = inputs.x,
                 .row_bytes = inputs.row_bytes,
                 .steps = (count + kStepInputs<kPrecision> - 1) / kStepInputs<kPrecision>,
                 .weights = static_cast<const std::uint8_t*>(outputs.blocks) + first * kOut * kBytes,
                 .block_bytes = block_bytes,
                 .y = y.row(row) + outputs.first,
                 .next_row = y.columns,
                 .rows = rows,
                 .out = outputs.count,
                 .add = accumulate == Accumulate::kYes || first > 0,
                 .parts = row + rows == x.rows && first + count == x.columns ? outputs.parts : nullptr});
    }
  }
}

}  // namespace

std::size_t avx512_float32_bytes(std::int64_t in, std::int64_t out) {
  return static_cast<std::size_t>(round_up(out, kOut) * in) * sizeof(float);
}

void pack_avx512_float32(const Tensor& weights, bool transposed, PackedWeights::Impl& to) {
  pack_outputs(weights, transposed, 0, to.out, static_cast<float*>(to.packed()));
}

template <Precision kPrecision>
void multiply_avx512(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_outputs<kPrecision>(x, {weights.impl().data, 0, y.columns}, y, accumulate);
}

template <Precision kPrecision>
void multiply_avx512_in_parts(const Tensor& x, const PackedWeights& weights, const Tensor& y,
                              const OutputParts& parts) {
  multiply_outputs<kPrecision>(x, {weights.impl().data, 0, y.columns, &parts}, y, Accumulate::kNo);
}

template void multiply_avx512_in_parts<Precision::kFloat32>(const Tensor&, const PackedWeights&, const Tensor&,
                                                            const OutputParts&);
template void multiply_avx512_in_parts<Precision::kBfloat16>(const Tensor&, const PackedWeights&, const Tensor&,
                                                             const OutputParts&);
template void multiply_avx512<Precision::kFloat32>(const Tensor&, const PackedWeights&, const Tensor&, Accumulate);
template void multiply_avx512<Precision::kBfloat16>(const Tensor&, const PackedWeights&, const Tensor&, Accumulate);

void multiply_avx512_in_place(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  constexpr std::int64_t kNumbers = std::int64_t{128} * 1024;  // that are packed at once, or a block's
  thread_local std::vector<float> memory;
  const PackedWeights::Impl& of = weights.impl();
  const Tensor lying = of.lying();
  const std::int64_t some = std::max(kNumbers / of.in / kOut, std::int64_t{1}) * kOut;
  for (std::int64_t first = 0; first < of.out; first += some) {
    const std::int64_t count = std::min(some, of.out - first);
    float* blocks = scratch(memory, round_up(count, kOut) * of.in);
    pack_outputs(lying, of.transposed, first, count, blocks);
    multiply_outputs<Precision::kFloat32>(x, {blocks, first, count}, y, accumulate);
  }
}

template <Precision kPrecision>
void gradient_avx512(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) {
  thread_local std::vector<std::uint32_t> x_memory, dy_memory;
  constexpr std::int64_t kSteps = kGradientRows / kStepInputs<kPrecision>;
  std::uint32_t* x_columns = scratch(x_memory, round_up(dw.rows, kAvx512Columns) * kSteps);
  std::uint32_t* dy_blocks = scratch(dy_memory, kAvx512Outputs * kSteps);
  const float* x[kGradientRows];
  const float* dy[kGradientRows];
  for (GradientCursor cursor(parts); !cursor.at_end(); accumulate = Accumulate::kYes) {
    const std::int64_t rows = cursor.for_next(
        kGradientRows, [&](const GradientRows& part, std::int64_t first, std::int64_t some, std::int64_t at) {
          for (std::int64_t r = 0; r < some; ++r) {
            x[at + r] = part.x.row(first + r);
            dy[at + r] = part.dy.row(first + r);
          }
        });
    constexpr auto kGradient = kPrecision == Precision::kBfloat16 ? gradient_avx512_bfloat16 : gradient_avx512_float32;
    kGradient({x, dy, rows, dw.data, dw.rows, dw.columns, accumulate == Accumulate::kYes, x_columns, dy_blocks});
  }
}
template void gradient_avx512<Precision::kFloat32>(std::span<const GradientRows>, const Tensor&, Accumulate);
template void gradient_avx512<Precision::kBfloat16>(std::span<const GradientRows>, const Tensor&, Accumulate);

}  // namespace heed

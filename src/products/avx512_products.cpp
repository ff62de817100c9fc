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

}  // namespace

std::size_t avx512_float32_bytes(std::int64_t in, std::int64_t out) {
  return static_cast<std::size_t>(round_up(out, kOut) * in) * sizeof(float);
}

void pack_avx512_float32(const Tensor& weights, bool transposed, PackedWeights::Impl& to) {
  pack_panels(weights, transposed, kOut, static_cast<float*>(to.packed()));
}

namespace {

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

}  // namespace

template <Precision kPrecision>
void multiply_avx512(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
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
                 .weights = static_cast<const std::uint8_t*>(weights.impl().data) + first * kOut * kBytes,
                 .block_bytes = block_bytes,
                 .y = y.row(row),
                 .rows = rows,
                 .out = y.columns,
                 .add = accumulate == Accumulate::kYes || first > 0});
    }
  }
}
template void multiply_avx512<Precision::kFloat32>(const Tensor&, const PackedWeights&, const Tensor&, Accumulate);
template void multiply_avx512<Precision::kBfloat16>(const Tensor&, const PackedWeights&, const Tensor&, Accumulate);

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

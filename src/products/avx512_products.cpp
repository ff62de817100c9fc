#include "avx512_products.h"

#include <algorithm>
#include <vector>

#include "float_panels.h"
#include "gradient_cursor.h"
#include "heed/kernels/amx_product.h"
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

void gradient_amx(const Avx512Gradient& of) {
  thread_local Scratch<float> memory;
  gradient_amx_bfloat16({of, scratch(memory, 2 * round_up(of.in, kAmxColumns) * kAmxOutputs)});
}

// How a way multiplies.
struct Multiplier {
  void (*multiply)(const Avx512Product&);
  std::int64_t step_inputs;   // inputs of a step
  std::int64_t inputs_unit;   // rows of x are filled to a multiple of it
  std::int64_t weights_unit;  // likewise those of weights
  // Gradients.
  void (*gradient)(const Avx512Gradient&);
  std::int64_t most_rows;      // that are summed up at once: as many as leave what is packed in the second cache
  std::int64_t columns_unit;   // columns of x are filled to a multiple of it
  std::int64_t columns_of_dy;  // that are packed at once
};
constexpr Multiplier kFloats = {.multiply = multiply_avx512_float32,
                                .step_inputs = 1,
                                .inputs_unit = 1,
                                .weights_unit = 1,
                                .gradient = gradient_avx512_float32,
                                .most_rows = 384,
                                .columns_unit = kAvx512Columns,
                                .columns_of_dy = kAvx512Outputs};
constexpr Multiplier kPairs = {.multiply = multiply_avx512_bfloat16,
                               .step_inputs = 2,
                               .inputs_unit = 2,
                               .weights_unit = Bfloat16Blocks::kIn,
                               .gradient = gradient_avx512_bfloat16,
                               .most_rows = 384,
                               .columns_unit = kAvx512Columns,
                               .columns_of_dy = kAvx512Outputs};
constexpr Multiplier kTiles = {.multiply = multiply_amx_bfloat16,
                               .step_inputs = 2,
                               .inputs_unit = kAmxInputs,
                               .weights_unit = Bfloat16Blocks::kIn,
                               .gradient = gradient_amx,
                               .most_rows = 1024,
                               .columns_unit = kAmxColumns,
                               .columns_of_dy = 2 * kAmxOutputs};

template <WideNumbers kNumbers>
constexpr const Multiplier& multiplier() {
  if constexpr (kNumbers == WideNumbers::kFloats) return kFloats;
  if constexpr (kNumbers == WideNumbers::kTiles) return kTiles;
  return kPairs;
}

// Some outputs of weights that lie [in, out] or, transposed, [out, in], in blocks.
void pack_outputs(const Tensor& lying, bool transposed, const Columns& outputs, bool for_later, float* blocks) {
  const float* weights = transposed ? lying.row(outputs.first) : lying.data + outputs.first;
  const std::int64_t in = transposed ? lying.columns : lying.rows;
  pack_avx512_floats({weights, transposed, for_later, lying.columns, in, outputs.count, blocks});
}

// Some inputs of some rows of x, as they are multiplied.
struct Inputs {
  const void* x;
  std::int64_t row_bytes;
};

Inputs as_bfloat16(const Tensor& x, std::int64_t first, std::int64_t count, std::int64_t unit) {
  const WorkScope scope(WorkKind::kVector, "to_bfloat16");
  thread_local Scratch<std::uint16_t> memory;
  const std::int64_t width = round_up(count, unit);
  std::uint16_t* out = scratch(memory, x.rows * width);
  if (count == x.columns && count == width) {
    to_bfloat16_natively(x.data, out, x.size());
  } else {
    for (std::int64_t r = 0; r < x.rows; ++r) {
      to_bfloat16_natively(x.row(r) + first, out + r * width, count);
      std::fill(out + r * width + count, out + (r + 1) * width, std::uint16_t{0});
    }
  }
  return {out, width * 2};
}

Inputs inputs_of(const Tensor& x, std::int64_t first, std::int64_t count, const Multiplier& by) {
  if (by.step_inputs == 2) return as_bfloat16(x, first, count, by.inputs_unit);
  return {x.data + first, x.columns * 4};
}

// Blocks of some outputs, and where they are in a row of y.
struct Outputs {
  const void* blocks;
  std::int64_t first;
  std::int64_t count;
  const OutputParts* parts = nullptr;
};

void multiply_outputs(const Multiplier& by, const Tensor& x, const Outputs& outputs, const Tensor& y,
                      Accumulate accumulate) {
  const std::int64_t bytes = 4 / by.step_inputs;
  const std::int64_t block_bytes = kOut * bytes * round_up(x.columns, by.weights_unit);
  for (std::int64_t row = 0; row < x.rows; row += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - row);
    for (std::int64_t first = 0; first < x.columns; first += kInputs) {
      const std::int64_t count = std::min(kInputs, x.columns - first);
      const Inputs inputs = inputs_of(x.slice(row, rows), first, count, by);
      by.multiply({.x = inputs.x,
                   .row_bytes = inputs.row_bytes,
                   .steps = (count + by.step_inputs - 1) / by.step_inputs,
                   .weights = static_cast<const std::uint8_t*>(outputs.blocks) + first * kOut * bytes,
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
  pack_outputs(weights, transposed, {0, to.out}, true, static_cast<float*>(to.packed()));
}

template <WideNumbers kNumbers>
void multiply_avx512(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_outputs(multiplier<kNumbers>(), x, {weights.impl().data, 0, y.columns}, y, accumulate);
}

template <WideNumbers kNumbers>
void multiply_avx512_in_parts(const Tensor& x, const PackedWeights& weights, const Tensor& y,
                              const OutputParts& parts) {
  multiply_outputs(multiplier<kNumbers>(), x, {weights.impl().data, 0, y.columns, &parts}, y, Accumulate::kNo);
}

void multiply_avx512_in_place(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  constexpr std::int64_t kNumbers = std::int64_t{128} * 1024;  // that are packed at once, or a block's
  thread_local Scratch<float> memory;
  const PackedWeights::Impl& of = weights.impl();
  const Tensor lying = of.lying();
  const std::int64_t some = std::max(kNumbers / of.in / kOut, std::int64_t{1}) * kOut;
  for (std::int64_t first = 0; first < of.out; first += some) {
    const std::int64_t count = std::min(some, of.out - first);
    float* blocks = scratch(memory, round_up(count, kOut) * of.in);
    pack_outputs(lying, of.transposed, {first, count}, false, blocks);
    multiply_outputs(kFloats, x, {blocks, first, count}, y, accumulate);
  }
}

template <WideNumbers kNumbers>
void gradient_avx512(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) {
  constexpr const Multiplier& kBy = multiplier<kNumbers>();
  thread_local Scratch<std::uint32_t> x_memory, dy_memory;
  constexpr std::int64_t kSteps = kBy.most_rows / kBy.step_inputs;
  std::uint32_t* x_columns = scratch(x_memory, round_up(dw.rows, kBy.columns_unit) * kSteps);
  std::uint32_t* dy_blocks = scratch(dy_memory, kBy.columns_of_dy * kSteps);
  const float* x[kBy.most_rows];
  const float* dy[kBy.most_rows];
  for (GradientCursor cursor(parts); !cursor.at_end(); accumulate = Accumulate::kYes) {
    const std::int64_t rows = cursor.for_next(
        kBy.most_rows, [&](const GradientRows& part, std::int64_t first, std::int64_t some, std::int64_t at) {
          for (std::int64_t r = 0; r < some; ++r) {
            x[at + r] = part.x.row(first + r);
            dy[at + r] = part.dy.row(first + r);
          }
        });
    kBy.gradient({x, dy, rows, dw.data, dw.rows, dw.columns, accumulate == Accumulate::kYes, x_columns, dy_blocks});
  }
}

#define HEED_INSTANTIATE(kNumbers)                                                                         \
  template void multiply_avx512<kNumbers>(const Tensor&, const PackedWeights&, const Tensor&, Accumulate); \
  template void multiply_avx512_in_parts<kNumbers>(const Tensor&, const PackedWeights&, const Tensor&,     \
                                                   const OutputParts&);                                    \
  template void gradient_avx512<kNumbers>(std::span<const GradientRows>, const Tensor&, Accumulate)
HEED_INSTANTIATE(WideNumbers::kFloats);
HEED_INSTANTIATE(WideNumbers::kPairs);
HEED_INSTANTIATE(WideNumbers::kTiles);

}  // namespace heed

#include "int8_terms.h"

#include <algorithm>
#include <array>

#include "heed/kernels/conversions.h"
#include "heed/kernels/int8_product.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "row_blocks.h"
#include "weight_blocks.h"

namespace heed {

std::size_t int8_bytes(std::int64_t in, std::int64_t out) { return QuantizedWeights::block_bytes(in, out); }

void pack_int8_weights(const Tensor& weights, bool, PackedWeights::Impl& to) {
  to.own_scale.resize(to.out);
  to.own_sum.resize(to.out);
  pack_int8(weights, {static_cast<std::int8_t*>(to.packed()), to.own_scale.data(), to.own_sum.data()});
  to.scale = to.own_scale;
  to.sum = to.own_sum;
}

namespace {

constexpr std::int64_t kByteRows = 256;  // whose bytes stay in the second cache

// The inputs of some rows of a sum in bytes.
class ByteInputs {
 public:
  ByteInputs(std::span<const ProductTerm> terms, std::int64_t row, std::int64_t rows) : count_(terms.size()) {
    const WorkScope scope(WorkKind::kVector, "quantize_row");
    thread_local Scratch<std::uint8_t> byte_memory;
    thread_local Scratch<float> scale_memory;
    std::int64_t inputs = 0;
    for (const ProductTerm& term : terms) inputs += round_up(term.x.columns, Int8Blocks::kIn);
    std::uint8_t* bytes = scratch(byte_memory, rows * inputs);
    float* row_scale = scratch(scale_memory, rows * terms.size());
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const PackedWeights::Impl& of = terms[t].weights->impl();
      const std::int64_t filled = round_up(of.in, Int8Blocks::kIn);
      quantize_rows_vnni(terms[t].x.slice(row, rows), bytes, filled, row_scale);
      terms_[t] = {.x = bytes,
                   .row_scale = row_scale,
                   .blocks = static_cast<const std::int8_t*>(of.data),
                   .scale = of.scale.data(),
                   .sum = of.sum.data(),
                   .in_blocks = filled / Int8Blocks::kIn};
      bytes += rows * filled;
      row_scale += rows;
    }
  }
  std::span<const VnniTerm> terms() const { return {terms_.data(), count_}; }

 private:
  std::size_t count_;
  std::array<VnniTerm, kMostTerms> terms_;
};

VnniOutput output_of(const Tensor& y, std::int64_t row, std::int64_t rows, Accumulate accumulate) {
  return {.y = y.row(row), .rows = rows, .out = y.columns, .add = accumulate == Accumulate::kYes};
}

}  // namespace

void multiply_bytes_terms(BytesKernel kernel, std::span<const ProductTerm> terms, const Tensor& y,
                          Accumulate accumulate) {
  for (std::int64_t row = 0; row < y.rows; row += kByteRows) {
    const std::int64_t rows = std::min(kByteRows, y.rows - row);
    const ByteInputs inputs(terms, row, rows);
    kernel(inputs.terms(), output_of(y, row, rows, accumulate));
  }
}

void multiply_bytes_in_parts(BytesKernel kernel, const ProductTerm& term, const Tensor& y, const OutputParts& parts) {
  const ByteInputs inputs({&term, 1}, 0, y.rows);
  VnniOutput output = output_of(y, 0, y.rows, Accumulate::kNo);
  output.parts = &parts;
  kernel(inputs.terms(), output);
}

namespace {

using Kernel = void (*)(const Int8Product& of);
void multiply_by(Kernel kernel, const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  thread_local Scratch<std::int8_t> byte_memory;
  thread_local Scratch<float> scale_memory;
  thread_local Scratch<std::int16_t> word_memory, panel_memory;
  const PackedWeights::Impl& of = weights.impl();
  const std::int64_t filled = round_up(x.columns, Int8Blocks::kIn);
  std::int8_t* bytes = scratch(byte_memory, x.rows * filled);
  float* row_scale = scratch(scale_memory, x.rows);
  {
    const WorkScope scope(WorkKind::kVector, "quantize_row");
    for (std::int64_t r = 0; r < x.rows; ++r) row_scale[r] = quantize_row(x.row(r), bytes + r * x.columns, x.columns);
  }
  kernel({.x = bytes,
          .in = x.columns,
          .blocks = static_cast<const std::int8_t*>(of.data),
          .scale = of.scale.data(),
          .row_scale = row_scale,
          .y = y.data,
          .rows = x.rows,
          .in_blocks = filled / Int8Blocks::kIn,
          .out = y.columns,
          .add = accumulate == Accumulate::kYes,
          .words = scratch(word_memory, x.rows * filled),
          .panel = scratch(panel_memory, Int8Product::kMostPanel * filled)});
}

}  // namespace

void multiply_own_int8(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_by(multiply_int8, x, weights, y, accumulate);
}

void multiply_dot_int8(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_by(multiply_dot, x, weights, y, accumulate);
}

}  // namespace heed

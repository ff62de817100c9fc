#include <algorithm>
#include <array>

#include "heed/kernels/conversions.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "int8_terms.h"
#include "onednn_product.h"
#include "row_blocks.h"
#include "weight_blocks.h"

namespace heed {
namespace {

// Whole-number products of a block are kept until they are scaled: so many, that they stay in the nearest cache.
constexpr std::int64_t kProducts = 16384;
// Rows are filled up to a multiple of this, from twice as many on.
constexpr std::int64_t kInt8RowUnit = 4;

// A term of a sum, its input quantised.
struct ByteTerm {
  const PackedWeights::Impl* weights;
  const std::uint8_t* x;
  const float* row_scale;
  std::int32_t* products;
};

void multiply_bytes(const ByteTerm& term, std::int64_t rows, std::int64_t first, std::int64_t count) {
  const std::int64_t inputs = round_up(term.weights->in, Int8Blocks::kIn);
  const std::int8_t* blocks = static_cast<const std::int8_t*>(term.weights->data) + first * inputs;
  Products::of_this_thread().run({rows, term.weights->in, count, Precision::kInt8, Layout::kPacked}, term.x, blocks,
                                 term.products);
}

// Adds a group of columns of all terms at once, while their whole-number products are near the processor.
void add_group(std::span<const ByteTerm> terms, std::int64_t rows, std::int64_t first, std::int64_t count,
               const Tensor& y, Accumulate accumulate) {
  for (const ByteTerm& term : terms) multiply_bytes(term, rows, first, count);
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < y.rows; ++r) {
    std::array<Dequantize, kMostTerms> parts;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const ByteTerm& term = terms[t];
      parts[t] = {term.products + r * count, term.weights->scale.data() + first, term.weights->sum.data() + first,
                  term.row_scale[r]};
    }
    dequantize_row({parts.data(), terms.size()}, accumulate == Accumulate::kYes, y.row(r) + first, count);
  }
}

// A block of rows of all terms.
void multiply_block(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) {
  thread_local Scratch<std::uint8_t> byte_memory;
  thread_local Scratch<float> scale_memory;
  thread_local Scratch<std::int32_t> product_memory;
  const std::int64_t rows = y.rows < 2 * kInt8RowUnit ? y.rows : round_up(y.rows, kInt8RowUnit);
  const std::int64_t group =
      std::min(std::max(round_up(kProducts / rows, Int8Blocks::kOut), Int8Blocks::kOut), y.columns);
  std::int64_t inputs = 0;
  for (const ProductTerm& term : terms) inputs += term.x.columns;
  std::uint8_t* bytes = scratch(byte_memory, rows * inputs);
  float* row_scale = scratch(scale_memory, rows * terms.size());
  std::int32_t* products = scratch(product_memory, rows * group * terms.size());
  std::array<ByteTerm, kMostTerms> quantized;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const WorkScope scope(WorkKind::kVector, "quantize_row");
    const Tensor& x = terms[t].x;
    for (std::int64_t r = 0; r < x.rows; ++r) {
      row_scale[r] = quantize_row(x.row(r), bytes + r * x.columns, x.columns);
    }
    quantized[t] = {&terms[t].weights->impl(), bytes, row_scale, products};
    bytes += rows * x.columns;
    row_scale += rows;
    products += rows * group;
  }
  for (std::int64_t first = 0; first < y.columns; first += group) {
    add_group({quantized.data(), terms.size()}, rows, first, std::min(group, y.columns - first), y, accumulate);
  }
}

}  // namespace

void multiply_onednn_int8_terms(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) {
  each_row_block(y.rows, [&](std::int64_t row, std::int64_t count) {
    std::array<ProductTerm, kMostTerms> block;
    for (std::size_t t = 0; t < terms.size(); ++t) block[t] = {terms[t].x.slice(row, count), terms[t].weights};
    multiply_block({block.data(), terms.size()}, y.slice(row, count), accumulate);
  });
}

void multiply_onednn_int8(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  const ProductTerm term{x, &weights};
  multiply_onednn_int8_terms({&term, 1}, y, accumulate);
}

}  // namespace heed

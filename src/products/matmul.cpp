#include "heed/products/matmul.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "float_panels.h"
#include "gradient_cursor.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/instruction_set.h"
#include "heed/kernels/int8_product.h"
#include "heed/tensor/buffer.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "packed_weights_impl.h"

namespace heed {
namespace {

// Products are cut into blocks of so many rows, then smaller ones, then the exact rest: few different shapes are ever
// compiled by oneDNN, whatever the lengths of the sentences are.
constexpr std::int64_t kRowBlocks[] = {256, 64};
// A gradient is read and written again by every block, so these are larger.
constexpr std::int64_t kGradientBlocks[] = {1024, 512, 256, 128, 64};
// The rows that are left over are filled up with zeros to a multiple of this: again fewer shapes.
constexpr std::int64_t kGradientRest = 16;
// Whole-number products of a block are kept until they are scaled: so many, that they stay in the nearest cache.
constexpr std::int64_t kInt8Products = 16384;
// int8 rows are filled up to a multiple of this, from twice as many on.
constexpr std::int64_t kInt8Rest = 4;

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

std::int64_t next_block(std::int64_t rows, std::span<const std::int64_t> blocks) {
  for (const std::int64_t block : blocks) {
    if (rows >= block) return block;
  }
  return rows;
}

// Rows that a block of `count` rows in bfloat16 is computed with: AMX computes tiles of 16 rows, which take their time
// whether they are full or not.
std::int64_t computed_rows(std::int64_t count) {
  static const bool amx = has(dnnl::cpu_isa::avx512_core_amx);
  constexpr std::int64_t kAmxTile = 16;
  return amx ? round_up(count, kAmxTile) : count;
}

// What products of a thread are made of; only grows.
struct Operands {
  std::vector<float> x, y, rounded, row_scale;
  std::vector<std::uint16_t> narrow_x, narrow_y;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int8_t> signed_bytes;
  std::vector<std::int16_t> words, panel;
  std::vector<std::int32_t> products;
};
Operands& operands() {
  thread_local Operands instance;
  return instance;
}

std::size_t size_of(std::int64_t rows, std::int64_t columns) { return static_cast<std::size_t>(rows * columns); }

// y = x W or y += x W, where x holds `rows` >= y.rows rows of the product's numbers.
void run_block(const void* x, std::int64_t rows, const PackedWeights::Impl& weights, const Tensor& y, Into into) {
  const ProductKey key{rows, weights.in, weights.out, weights.product_precision(), weights.layout, into};
  if (rows == y.rows) return Products::of_this_thread().run(key, x, weights.data, y.data);
  float* filled = scratch(operands().y, size_of(rows, y.columns));
  if (into == Into::kAdd) std::copy_n(y.data, y.size(), filled);
  Products::of_this_thread().run(key, x, weights.data, filled);
  std::copy_n(filled, y.size(), y.data);
}

void multiply_floats(const Tensor& x, const PackedWeights::Impl& weights, const Tensor& y, Into into) {
  if (weights.layout == Layout::kPanels) return multiply_panels(x, static_cast<const float*>(weights.data), y, into);
  run_block(x.data, x.rows, weights, y, into);
}

void multiply_bfloat16(const Tensor& x, const PackedWeights::Impl& weights, const Tensor& y, Into into) {
  Operands& mine = operands();
  if (!weights.native) {
    float* rounded = scratch(mine.rounded, static_cast<std::size_t>(x.size()));
    round_to_bfloat16(x.data, rounded, x.size());
    return multiply_floats({rounded, x.rows, x.columns}, weights, y, into);
  }
  const std::int64_t rows = computed_rows(x.rows);
  std::uint16_t* narrow = scratch(mine.narrow_x, size_of(rows, x.columns));
  {
    const WorkScope scope(Work::kVector);
    to_bfloat16_natively(x.data, narrow, x.size());
    std::fill(narrow + x.size(), narrow + rows * x.columns, std::uint16_t{0});
  }
  run_block(narrow, rows, weights, y, into);
}

// A term of a sum of int8 products, its input quantised.
struct ByteTerm {
  const PackedWeights::Impl* weights;
  const std::uint8_t* x;
  const float* row_scale;
  std::int32_t* products;
};
constexpr std::size_t kMostTerms = 4;

void multiply_bytes(const ByteTerm& term, std::int64_t rows, std::int64_t first, std::int64_t count) {
  const std::int64_t inputs = round_up(term.weights->in, Int8Blocks::kIn);
  const std::int8_t* blocks = static_cast<const std::int8_t*>(term.weights->data) + first * inputs;
  Products::of_this_thread().run({rows, term.weights->in, count, Precision::kInt8}, term.x, blocks, term.products);
}

// Adds a group of columns of all terms at once, while their whole-number products are near the processor.
void add_group(std::span<const ByteTerm> terms, std::int64_t rows, std::int64_t first, std::int64_t count,
               const Tensor& y, Into into) {
  for (const ByteTerm& term : terms) multiply_bytes(term, rows, first, count);
  const WorkScope scope(Work::kVector);
  for (std::int64_t r = 0; r < y.rows; ++r) {
    std::array<Dequantize, kMostTerms> parts;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const ByteTerm& term = terms[t];
      parts[t] = {term.products + r * count, term.weights->scale.data() + first, term.weights->sum.data() + first,
                  term.row_scale[r]};
    }
    dequantize_row({parts.data(), terms.size()}, into == Into::kAdd, y.row(r) + first, count);
  }
}

// The same without oneDNN, where it would be slow.
void multiply_bytes_ourselves(const ProductTerm& term, const Tensor& y, Into into) {
  Operands& mine = operands();
  const Tensor& x = term.x;
  const PackedWeights::Impl& weights = term.weights->impl();
  const std::int64_t filled = round_up(x.columns, Int8Blocks::kIn);
  std::int8_t* bytes = scratch(mine.signed_bytes, size_of(x.rows, filled));
  float* row_scale = scratch(mine.row_scale, static_cast<std::size_t>(x.rows));
  {
    const WorkScope scope(Work::kVector);
    for (std::int64_t r = 0; r < x.rows; ++r) row_scale[r] = quantize_row(x.row(r), bytes + r * x.columns, x.columns);
  }
  multiply_int8({bytes, x.columns, weights.blocks, weights.scale.data(), row_scale, y.data, x.rows,
                 filled / Int8Blocks::kIn, y.columns, into == Into::kAdd, scratch(mine.words, size_of(x.rows, filled)),
                 scratch(mine.panel, size_of(Int8Product::kMostPanel, filled))});
}

// Terms with as many rows as y, at most a block of them.
void multiply_byte_terms(std::span<const ProductTerm> terms, const Tensor& y, Into into) {
  static const bool native = is_native(Precision::kInt8);
  if (!native) {
    for (const ProductTerm& term : terms) multiply_bytes_ourselves(term, y, std::exchange(into, Into::kAdd));
    return;
  }
  Operands& mine = operands();
  const std::int64_t rows = y.rows < 2 * kInt8Rest ? y.rows : round_up(y.rows, kInt8Rest);
  const std::int64_t group =
      std::min(std::max(round_up(kInt8Products / rows, Int8Blocks::kOut), Int8Blocks::kOut), y.columns);
  std::int64_t inputs = 0;
  for (const ProductTerm& term : terms) inputs += term.x.columns;
  std::uint8_t* bytes = scratch(mine.bytes, size_of(rows, inputs));
  float* row_scale = scratch(mine.row_scale, static_cast<std::size_t>(rows) * terms.size());
  std::int32_t* products = scratch(mine.products, size_of(rows, group) * terms.size());
  std::array<ByteTerm, kMostTerms> quantized;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const WorkScope scope(Work::kVector);
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
    add_group({quantized.data(), terms.size()}, rows, first, std::min(group, y.columns - first), y, into);
  }
}

// A block of rows of one term.
void multiply(const ProductTerm& term, const Tensor& y, Into into) {
  const PackedWeights::Impl& weights = term.weights->impl();
  if (weights.precision == Precision::kInt8) return multiply_byte_terms({&term, 1}, y, into);
  if (weights.precision == Precision::kBfloat16) return multiply_bfloat16(term.x, weights, y, into);
  multiply_floats(term.x, weights, y, into);
}

// Whether all terms can be added in one pass over y.
bool go_together(std::span<const ProductTerm> terms, std::int64_t rows) {
  return terms.size() <= kMostTerms && std::all_of(terms.begin(), terms.end(), [rows](const ProductTerm& term) {
           return term.x.rows == rows && term.weights->precision() == Precision::kInt8;
         });
}

}  // namespace

void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Into into) {
  const WorkScope scope(Work::kProduct);
  const Layout layout = weights.impl().layout;
  if ((layout == Layout::kPlain || layout == Layout::kTransposed) && !has_avx512()) {
    return multiply_lying(x, static_cast<const float*>(weights.impl().data), layout == Layout::kTransposed, y, into);
  }
  for (std::int64_t row = 0; row < x.rows;) {
    const std::int64_t count = next_block(x.rows - row, kRowBlocks);
    multiply({x.slice(row, count), &weights}, y.slice(row, count), into);
    row += count;
  }
}

void matmul(std::span<const ProductTerm> terms, const Tensor& y, Into into) {
  const WorkScope scope(Work::kProduct);
  if (terms.size() > 1 && go_together(terms, y.rows)) {
    for (std::int64_t row = 0; row < y.rows;) {
      const std::int64_t count = next_block(y.rows - row, kRowBlocks);
      std::array<ProductTerm, kMostTerms> block;
      for (std::size_t t = 0; t < terms.size(); ++t) block[t] = {terms[t].x.slice(row, count), terms[t].weights};
      multiply_byte_terms({block.data(), terms.size()}, y.slice(row, count), into);
      row += count;
    }
    return;
  }
  for (const ProductTerm& term : terms) {
    matmul(term.x, *term.weights, y.slice(0, term.x.rows), into);
    into = Into::kAdd;
  }
}

namespace {

// The rows of all parts, one block after the other, as one operand for each of x and dy.
class GradientBlocks {
 public:
  GradientBlocks(std::span<const GradientRows> parts, Precision precision)
      : at_(parts), parts_(parts), precision_(precision) {
    for (const GradientRows& part : parts) left_ += part.x.rows;
  }

  bool empty() const { return left_ == 0; }
  struct Block {
    const void* x;
    const void* dy;
    std::int64_t rows;  // 0: no more
  };
  Block next() {
    const std::int64_t count = next_block(left_, kGradientBlocks);
    if (count == 0) return {nullptr, nullptr, 0};
    const std::int64_t rows =
        count < kGradientBlocks[std::size(kGradientBlocks) - 1] ? round_up(count, kGradientRest) : count;
    const Block block{gather(&GradientRows::x, count, rows, operands().x, operands().narrow_x),
                      gather(&GradientRows::dy, count, rows, operands().y, operands().narrow_y), rows};
    at_.skip(count);
    left_ -= count;
    return block;
  }

 private:
  const void* gather(Tensor GradientRows::*side, std::int64_t count, std::int64_t rows, std::vector<float>& floats,
                     std::vector<std::uint16_t>& narrow) const {
    const WorkScope scope(Work::kVector);
    const std::int64_t columns = (parts_.front().*side).columns;
    if (precision_ == Precision::kBfloat16 && is_native(precision_)) {
      std::uint16_t* to = scratch(narrow, size_of(rows, columns));
      copy(side, count, [&](const float* from, std::int64_t size) {
        to_bfloat16_natively(from, std::exchange(to, to + size), size);
      });
      std::fill_n(to, (rows - count) * columns, std::uint16_t{0});
      return narrow.data();
    }
    if (precision_ == Precision::kFloat32 && rows == count) {
      if (const float* where_they_lie = contiguous(side, count)) return where_they_lie;
    }
    float* to = scratch(floats, size_of(rows, columns));
    copy(side, count, [&](const float* from, std::int64_t size) {
      if (precision_ == Precision::kBfloat16) {
        round_to_bfloat16(from, to, size);
      } else {
        std::copy_n(from, size, to);
      }
      to += size;
    });
    std::fill_n(to, (rows - count) * columns, 0.0F);
    return floats.data();
  }

  template <typename Copy>
  void copy(Tensor GradientRows::*side, std::int64_t count, Copy&& to) const {
    for_next(side, count, [&](const float* from, std::int64_t size, bool) { to(from, size); });
  }

  // Where the rows begin if they follow each other, as parts that are views of one matrix do; or nullptr.
  const float* contiguous(Tensor GradientRows::*side, std::int64_t count) const {
    const float* begin = nullptr;
    const float* end = nullptr;
    bool follow = true;
    for_next(side, count, [&](const float* from, std::int64_t size, bool first) {
      if (first) begin = from;
      follow = follow && (first || from == end);
      end = from + size;
    });
    return follow ? begin : nullptr;
  }

  template <typename Use>
  void for_next(Tensor GradientRows::*side, std::int64_t count, Use&& use) const {
    GradientCursor(at_).for_next(
        count, [&](const GradientRows& part, std::int64_t first, std::int64_t some, std::int64_t before) {
          const Tensor& from = part.*side;
          use(from.row(first), some * from.columns, before == 0);
        });
  }

  GradientCursor at_;
  std::span<const GradientRows> parts_;
  Precision precision_;
  std::int64_t left_ = 0;
};

}  // namespace

void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Into into, Precision precision) {
  const WorkScope scope(Work::kProduct);
  GradientBlocks blocks(parts, precision);
  if (blocks.empty() && into == Into::kReplace) std::fill_n(dw.data, dw.size(), 0.0F);
  const Precision numbers = is_native(precision) ? precision : Precision::kFloat32;
  if (numbers == Precision::kFloat32 && !has_avx512()) {
    return multiply_gradient(parts, dw, into, precision == Precision::kBfloat16);
  }
  for (auto block = blocks.next(); block.rows > 0; block = blocks.next(), into = Into::kAdd) {
    Products::of_this_thread().run({dw.rows, block.rows, dw.columns, numbers, Layout::kPlain, into, true}, block.x,
                                   block.dy, dw.data);
  }
}

double measure_matmul_gflops(Precision precision, int threads) {
  constexpr std::int64_t kRows = 64;
  constexpr std::int64_t kIn = 1024;
  constexpr std::int64_t kOut = 2048;
  constexpr int kRounds = 60;
  std::vector<double> seconds;
  // A thread of its own, because the number of threads is built into compiled products.
  std::thread([&] {
    omp_set_num_threads(threads);
    const Buffer x(kRows, kIn);          // zeros of any type
    const Buffer packed(kIn, 2 * kOut);  // as large as any layout
    const Buffer y(kRows, kOut);
    const ProductKey key{kRows, kIn, kOut, is_native(precision) ? precision : Precision::kFloat32};
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      Products::of_this_thread().run(key, x.view().data, packed.view().data, y.view().data);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }).join();
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  return 2.0 * kRows * kIn * kOut / seconds[kRounds / 2] * 1e-9;
}

}  // namespace heed

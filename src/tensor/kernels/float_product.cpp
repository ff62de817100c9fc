#include "kernels/float_product.h"

#ifndef HEED_FLOAT_PRODUCT_ONCE
#define HEED_FLOAT_PRODUCT_ONCE
namespace heed {
struct FloatProduct {
  const float* x;  // [rows, in]; as columns, [rows / 6][in][6]
  const float* panels;
  float* y;  // [rows, out], rows `stride` apart
  std::int64_t in;
  std::int64_t out;
  std::int64_t stride;
  std::int64_t step;  // from panel to panel (or from group of columns to group): inputs, as `in`, or some more
  bool add;
};
}  // namespace heed
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/float_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 8>;  // so that a tile's sums fit 16 registers
constexpr std::int64_t kLanes = hn::MaxLanes(Floats());
constexpr std::int64_t kPanel = FloatPanels::kOut;
constexpr std::int64_t kVectors = kPanel / kLanes;  // of a panel

// Rows of x that all panels meet while they stay in the second cache. Blocks of inputs besides gave nothing.
constexpr std::int64_t kRowBlock = 96;
constexpr std::int64_t kSums = 12;  // of a tile: they leave registers for its operands
constexpr std::int64_t kColumns = FloatPanels::kColumns;
constexpr std::int64_t kMostRows = HWY_MIN(HWY_MAX(kSums / kVectors, std::int64_t{1}), kColumns);  // of a tile

enum class First { kInRows, kInColumns };  // how the first operand lies

// The first `outputs` numbers of a row of a tile.
template <std::int64_t kCount>
HWY_INLINE void StoreRow(const hn::Vec<Floats>* sums, std::int64_t outputs, bool add, float* y) {
  const Floats f;
  if (outputs >= kCount * kLanes) {
    HWY_UNROLL(16)
    for (std::int64_t v = 0; v < kCount; ++v) {
      float* to = y + v * kLanes;
      hn::StoreU(add ? hn::Add(hn::LoadU(f, to), sums[v]) : sums[v], f, to);
    }
    return;
  }
  HWY_ALIGN float rest[kCount * kLanes];
  HWY_UNROLL(16)
  for (std::int64_t v = 0; v < kCount; ++v) hn::Store(sums[v], f, rest + v * kLanes);
  for (std::int64_t n = 0; n < outputs; ++n) y[n] = add ? y[n] + rest[n] : rest[n];
}

// kRows rows from `row` by kPanels panels from `panel`. Without unrolling, sums would not stay in registers.
template <std::int64_t kRows, std::int64_t kPanels, First kFirst = First::kInRows>
HWY_INLINE void MultiplyTile(const FloatProduct& of, std::int64_t row, std::int64_t panel) {
  constexpr std::int64_t kCount = kPanels * kVectors;
  const Floats f;
  const std::int64_t first = panel * kPanel;
  const std::int64_t outputs = HWY_MIN(kPanels * kPanel, of.out - first);
  float* y = of.y + row * of.stride + first;
  hn::Vec<Floats> sums[kRows][kCount];
  HWY_UNROLL(16)
  for (std::int64_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (std::int64_t n = 0; n < kCount; ++n) sums[r][n] = hn::Zero(f);
  }
  const float* HWY_RESTRICT x =
      of.x + (kFirst == First::kInRows ? row * of.in : row / kColumns * kColumns * of.step + row % kColumns);
  const auto input = [&](std::int64_t r, std::int64_t k) {
    return hn::Set(f, kFirst == First::kInRows ? x[r * of.in + k] : x[k * kColumns + r]);
  };
  const float* HWY_RESTRICT weights = of.panels + panel * of.step * kPanel;
  const auto load = [&](std::int64_t k, std::int64_t n) {
    return hn::LoadU(f, weights + (n / kVectors * of.step + k) * kPanel + n % kVectors * kLanes);
  };
  for (std::int64_t k = 0; k < of.in; ++k) {
    if constexpr (kRows <= kCount) {  // the fewer operands wait in registers
      hn::Vec<Floats> inputs[kRows];
      HWY_UNROLL(16)
      for (std::int64_t r = 0; r < kRows; ++r) inputs[r] = input(r, k);
      HWY_UNROLL(16)
      for (std::int64_t n = 0; n < kCount; ++n) {
        const auto w = load(k, n);
        HWY_UNROLL(16)
        for (std::int64_t r = 0; r < kRows; ++r) sums[r][n] = hn::MulAdd(inputs[r], w, sums[r][n]);
      }
    } else {
      hn::Vec<Floats> w[kCount];
      HWY_UNROLL(16)
      for (std::int64_t n = 0; n < kCount; ++n) w[n] = load(k, n);
      HWY_UNROLL(16)
      for (std::int64_t r = 0; r < kRows; ++r) {
        const auto one = input(r, k);
        HWY_UNROLL(16)
        for (std::int64_t n = 0; n < kCount; ++n) sums[r][n] = hn::MulAdd(one, w[n], sums[r][n]);
      }
    }
  }
  HWY_UNROLL(16)
  for (std::int64_t r = 0; r < kRows; ++r) StoreRow<kCount>(sums[r], outputs, of.add, y + r * of.stride);
}

// As many panels at once as leave enough sums that wait for nothing.
template <std::int64_t kRows>
void MultiplyFewRows(const FloatProduct& of, std::int64_t row) {
  constexpr std::int64_t kPanels = HWY_MAX(kSums / (kRows * kVectors), std::int64_t{1});
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  std::int64_t panel = 0;
  for (; panel + kPanels <= panels; panel += kPanels) MultiplyTile<kRows, kPanels>(of, row, panel);
  for (; panel < panels; ++panel) MultiplyTile<kRows, 1>(of, row, panel);
}

using Tile = void (*)(const FloatProduct&, std::int64_t row, std::int64_t panel);
template <std::int64_t kRows, First kFirst>
void MultiplyTileRows(const FloatProduct& of, std::int64_t row, std::int64_t panel) {
  MultiplyTile<kRows, 1, kFirst>(of, row, panel);
}
template <First kFirst>
constexpr Tile kTiles[] = {MultiplyTileRows<1, kFirst>, MultiplyTileRows<2, kFirst>, MultiplyTileRows<3, kFirst>,
                           MultiplyTileRows<4, kFirst>, MultiplyTileRows<5, kFirst>, MultiplyTileRows<6, kFirst>};

// Tiles of equal numbers of rows, as far as that goes: each panel is read once, from the nearest cache after the first.
void MultiplyManyRows(const FloatProduct& of, std::int64_t begin, std::int64_t rows) {
  const std::int64_t tiles = (rows + kMostRows - 1) / kMostRows;
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      const std::int64_t first = rows * tile / tiles;
      const std::int64_t last = rows * (tile + 1) / tiles;
      kTiles<First::kInRows>[last - first - 1](of, begin + first, panel);
    }
  }
}

void MultiplyRows(const FloatProduct& of, std::int64_t rows) {
  if (rows == 1) return MultiplyFewRows<1>(of, 0);
  if (rows == 2) return MultiplyFewRows<2>(of, 0);
  if (rows == 3) return MultiplyFewRows<3>(of, 0);
  const std::int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = rows * block / blocks;
    MultiplyManyRows(of, begin, rows * (block + 1) / blocks - begin);
  }
}

void MultiplyColumns(const FloatProduct& of, std::int64_t rows) {
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  for (std::int64_t begin = 0; begin < rows; begin += kRowBlock) {
    const std::int64_t end = HWY_MIN(begin + kRowBlock, rows);
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      for (std::int64_t row = begin; row < end;) {
        const std::int64_t count = HWY_MIN(HWY_MIN(kMostRows, kColumns - row % kColumns), end - row);
        kTiles<First::kInColumns>[count - 1](of, row, panel);
        row += count;
      }
    }
  }
}

}  // namespace
}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cstring>

#include "kernels/narrow.h"
#include "kernels/scratch.h"

namespace heed {

HWY_EXPORT(MultiplyRows);
HWY_EXPORT(MultiplyColumns);

void multiply_panels(const Tensor& x, const float* panels, const Tensor& y, Into into) {
  HWY_DYNAMIC_DISPATCH(MultiplyRows)
  ({x.data, panels, y.data, x.columns, y.columns, y.columns, x.columns, into == Into::kAdd}, x.rows);
}

namespace {

struct Columns {
  std::int64_t first, count;
};

// Some outputs of weights [out, in].
void pack_transposed(const Tensor& weights, const Columns& outputs, float* panels) {
  constexpr std::int64_t kOut = FloatPanels::kOut;
  constexpr std::int64_t kTile = 16;  // a line of every row, read while it is near
  const std::int64_t in = weights.columns;
  for (std::int64_t done = 0; done < outputs.count; done += kOut, panels += in * kOut) {
    const std::int64_t count = std::min(kOut, outputs.count - done);
    if (count < kOut) std::fill_n(panels, in * kOut, 0.0F);
    for (std::int64_t begin = 0; begin < in; begin += kTile) {
      const std::int64_t end = std::min(begin + kTile, in);
      for (std::int64_t n = 0; n < count; ++n) {
        const float* from = weights.row(outputs.first + done + n);
        for (std::int64_t k = begin; k < end; ++k) panels[k * kOut + n] = from[k];
      }
    }
  }
}

// Some outputs of weights [in, out].
void pack_plain(const Tensor& weights, const Columns& outputs, float* panels) {
  constexpr std::int64_t kOut = FloatPanels::kOut;
  for (std::int64_t done = 0; done < outputs.count; done += kOut) {
    const std::int64_t count = std::min(kOut, outputs.count - done);
    for (std::int64_t k = 0; k < weights.rows; ++k, panels += kOut) {
      std::fill(std::copy_n(weights.row(k) + outputs.first + done, count, panels), panels + kOut, 0.0F);
    }
  }
}

}  // namespace

void pack_panels(const Tensor& weights, bool transposed, float* panels) {
  if (transposed) return pack_transposed(weights, {0, weights.rows}, panels);
  pack_plain(weights, {0, weights.columns}, panels);
}

void multiply_lying(const Tensor& x, const float* weights, bool transposed, const Tensor& y, Into into) {
  constexpr std::int64_t kNumbers = 256 * 1024;  // that are packed at once: what the caches hold
  thread_local std::vector<float> memory;
  constexpr std::int64_t kOut = FloatPanels::kOut;
  const Tensor lying = transposed ? Tensor{const_cast<float*>(weights), y.columns, x.columns}
                                  : Tensor{const_cast<float*>(weights), x.columns, y.columns};
  const std::int64_t some = std::max(kNumbers / x.columns / kOut, std::int64_t{1}) * kOut;
  for (std::int64_t first = 0; first < y.columns; first += some) {
    const Columns outputs{first, std::min(some, y.columns - first)};
    float* panels = scratch(memory, static_cast<std::size_t>(FloatPanels::size(x.columns, outputs.count)));
    (transposed ? pack_transposed : pack_plain)(lying, outputs, panels);
    HWY_DYNAMIC_DISPATCH(MultiplyRows)
    ({x.data, panels, y.data + first, x.columns, outputs.count, y.columns, x.columns, into == Into::kAdd}, x.rows);
  }
}

namespace {

// Rows that are summed at once, and outputs: their panels stay in the caches.
constexpr std::int64_t kGradientRows = 256;
constexpr std::int64_t kGradientOutputs = 1024;

// Walks over the rows of all parts.
class GradientCursor {
 public:
  explicit GradientCursor(std::span<const GradientRows> parts) : parts_(parts) { skip_ended(); }
  bool at_end() const { return part_ == parts_.size(); }

  /// Calls use(part, first row, count, rows before) until `most` rows were seen; says how many.
  template <typename Use>
  std::int64_t for_next(std::int64_t most, Use&& use) {
    std::int64_t seen = 0;
    while (!at_end() && seen < most) {
      const std::int64_t count = std::min(most - seen, parts_[part_].x.rows - row_);
      use(parts_[part_], row_, count, seen);
      seen += count;
      row_ += count;
      skip_ended();
    }
    return seen;
  }
  std::int64_t skip(std::int64_t most) {
    return for_next(most, [](const GradientRows&, std::int64_t, std::int64_t, std::int64_t) {});
  }

 private:
  void skip_ended() {
    for (; part_ < parts_.size() && row_ >= parts_[part_].x.rows; ++part_) row_ = 0;
  }
  std::span<const GradientRows> parts_;
  std::size_t part_ = 0;
  std::int64_t row_ = 0;
};

// Some columns of some rows in groups of kWidth, [columns / kWidth][step][kWidth], the last filled up with zeros.
template <std::int64_t kWidth>
class ColumnGroups {
 public:
  /// An odd step: groups that lie a power of two apart would push each other out of the caches.
  ColumnGroups(std::vector<float>& memory, std::int64_t rows, std::int64_t columns)
      : step(rows | 1),
        to(scratch(memory, static_cast<std::size_t>((columns + kWidth - 1) / kWidth * kWidth * step))) {}

  void gather(GradientCursor rows, std::int64_t count, Tensor GradientRows::*side, const Columns& columns,
              bool to_bfloat16) {
    rows.for_next(count, [&](const GradientRows& part, std::int64_t first, std::int64_t some, std::int64_t at) {
      for (std::int64_t r = 0; r < some; ++r) {
        const float* values = (part.*side).row(first + r) + columns.first;
        put(to_bfloat16 ? rounded(values, columns.count) : values, columns.count, at + r);
      }
    });
  }

  const std::int64_t step;
  float* const to;

 private:
  static const float* rounded(const float* values, std::int64_t count) {
    thread_local std::vector<float> memory;
    float* out = scratch(memory, static_cast<std::size_t>(count));
    round_to_bfloat16(values, out, count);
    return out;
  }
  void put(const float* values, std::int64_t count, std::int64_t row) const {
    float* group = to + row * kWidth;
    std::int64_t column = 0;
    for (; column + kWidth <= count; column += kWidth, group += step * kWidth) {
      std::memcpy(group, values + column, kWidth * sizeof(float));
    }
    if (column < count) std::fill(std::copy_n(values + column, count - column, group), group + kWidth, 0.0F);
  }
};

}  // namespace

void multiply_gradient(std::span<const GradientRows> parts, const Tensor& dw, Into into, bool to_bfloat16) {
  thread_local std::vector<float> columns, panels;
  for (GradientCursor cursor(parts); !cursor.at_end(); into = Into::kAdd) {
    const GradientCursor start = cursor;
    const std::int64_t rows = cursor.skip(kGradientRows);
    ColumnGroups<FloatPanels::kColumns> x(columns, rows, dw.rows);
    x.gather(start, rows, &GradientRows::x, {0, dw.rows}, to_bfloat16);
    for (std::int64_t first = 0; first < dw.columns; first += kGradientOutputs) {
      const std::int64_t outputs = std::min(kGradientOutputs, dw.columns - first);
      ColumnGroups<FloatPanels::kOut> dy(panels, rows, outputs);
      dy.gather(start, rows, &GradientRows::dy, {first, outputs}, to_bfloat16);
      HWY_DYNAMIC_DISPATCH(MultiplyColumns)
      ({x.to, dy.to, dw.data + first, rows, outputs, dw.columns, x.step, into == Into::kAdd}, dw.rows);
    }
  }
}

}  // namespace heed
#endif

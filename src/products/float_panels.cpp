#include "float_panels.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "gradient_cursor.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/float_product.h"
#include "heed/tensor/scratch.h"
#include "row_blocks.h"

namespace heed {

void multiply_panels(const Tensor& x, const float* panels, const Tensor& y, Accumulate accumulate) {
  multiply_rows({x.data, panels, y.data, x.columns, y.columns, y.columns, x.columns, accumulate == Accumulate::kYes},
                x.rows);
}

namespace {

constexpr std::int64_t kOut = FloatPanels::kOut;

// Some outputs of weights [out, in].
void pack_transposed(const Tensor& weights, const Columns& outputs, float* panels) {
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

}  // namespace

void pack_outputs_plain(const Tensor& weights, const Columns& outputs, std::int64_t width, float* panels) {
  for (std::int64_t done = 0; done < outputs.count; done += width) {
    const std::int64_t count = std::min(width, outputs.count - done);
    for (std::int64_t k = 0; k < weights.rows; ++k, panels += width) {
      std::fill(std::copy_n(weights.row(k) + outputs.first + done, count, panels), panels + width, 0.0F);
    }
  }
}

void pack_panels(const Tensor& weights, bool transposed, float* panels) {
  if (transposed) return pack_transposed(weights, {0, weights.rows}, panels);
  pack_outputs_plain(weights, {0, weights.columns}, kOut, panels);
}

void multiply_lying(const Tensor& x, const Tensor& weights, bool transposed, const Tensor& y, Accumulate accumulate) {
  constexpr std::int64_t kNumbers = std::int64_t{256} * 1024;  // that are packed at once: what the caches hold
  thread_local Scratch<float> memory;
  const std::int64_t some = std::max(kNumbers / x.columns / kOut, std::int64_t{1}) * kOut;
  for (std::int64_t first = 0; first < y.columns; first += some) {
    const Columns outputs{first, std::min(some, y.columns - first)};
    float* panels = scratch(memory, static_cast<std::size_t>(FloatPanels::size(x.columns, outputs.count)));
    if (transposed) {
      pack_transposed(weights, outputs, panels);
    } else {
      pack_outputs_plain(weights, outputs, kOut, panels);
    }
    multiply_rows({x.data, panels, y.data + first, x.columns, outputs.count, y.columns, x.columns,
                   accumulate == Accumulate::kYes},
                  x.rows);
  }
}

namespace {

// Rows that are summed at once, and outputs: their panels stay in the caches.
constexpr std::int64_t kGradientRows = 256;
constexpr std::int64_t kGradientOutputs = 1024;

// Some columns of some rows in groups of kWidth, [columns / kWidth][step][kWidth], the last filled up with zeros.
template <std::int64_t kWidth>
class ColumnGroups {
 public:
  /// An odd step: groups that lie a power of two apart would push each other out of the caches.
  ColumnGroups(Scratch<float>& memory, std::int64_t rows, std::int64_t columns)
      : step(rows | 1), to(scratch(memory, static_cast<std::size_t>(round_up(columns, kWidth) * step))) {}

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
    thread_local Scratch<float> memory;
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

void multiply_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate, bool to_bfloat16) {
  thread_local Scratch<float> columns, panels;
  for (GradientCursor cursor(parts); !cursor.at_end(); accumulate = Accumulate::kYes) {
    const GradientCursor start = cursor;
    const std::int64_t rows = cursor.skip(kGradientRows);
    ColumnGroups<FloatPanels::kColumns> x(columns, rows, dw.rows);
    x.gather(start, rows, &GradientRows::x, {0, dw.rows}, to_bfloat16);
    for (std::int64_t first = 0; first < dw.columns; first += kGradientOutputs) {
      const std::int64_t outputs = std::min(kGradientOutputs, dw.columns - first);
      ColumnGroups<FloatPanels::kOut> dy(panels, rows, outputs);
      dy.gather(start, rows, &GradientRows::dy, {first, outputs}, to_bfloat16);
      multiply_columns(
          {x.to, dy.to, dw.data + first, rows, outputs, dw.columns, x.step, accumulate == Accumulate::kYes}, dw.rows);
    }
  }
}

}  // namespace heed

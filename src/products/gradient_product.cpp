#include "gradient_product.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "gradient_cursor.h"
#include "heed/kernels/conversions.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "onednn_product.h"
#include "row_blocks.h"

namespace heed {
namespace {

// A gradient is read and written again by every block, so these are larger than those of a product.
constexpr std::int64_t kBlocks[] = {1024, 512, 256, 128, 64};
constexpr std::int64_t kSmallestBlock = 64;
// The rows that are left over are filled up with zeros to a multiple of this: again fewer shapes.
constexpr std::int64_t kGradientRowUnit = 16;

// The rows of all parts, one block after the other, as one operand for each of x and dy.
template <GradientOperand kOperand>
class GradientBlocks {
 public:
  using Number = std::conditional_t<kOperand == GradientOperand::kBfloat16, std::uint16_t, float>;

  explicit GradientBlocks(std::span<const GradientRows> parts) : at_(parts), parts_(parts) {
    for (const GradientRows& part : parts) left_ += part.x.rows;
  }

  struct Block {
    const Number* x;
    const Number* dy;
    std::int64_t rows;  // 0: no more
  };
  Block next() {
    thread_local std::vector<Number> x_memory, dy_memory;
    const std::int64_t count = next_block(left_, kBlocks);
    if (count == 0) return {nullptr, nullptr, 0};
    const std::int64_t rows = count < kSmallestBlock ? round_up(count, kGradientRowUnit) : count;
    const Block block{gather(&GradientRows::x, count, rows, x_memory),
                      gather(&GradientRows::dy, count, rows, dy_memory), rows};
    at_.skip(count);
    left_ -= count;
    return block;
  }

 private:
  const Number* gather(Tensor GradientRows::*side, std::int64_t count, std::int64_t rows,
                       std::vector<Number>& memory) const {
    const WorkScope scope(WorkKind::kVector, "gather of a gradient's rows");
    if constexpr (kOperand == GradientOperand::kFloat32) {
      const float* where_they_lie = rows == count ? contiguous(side, count) : nullptr;
      if (where_they_lie != nullptr) return where_they_lie;
    }
    const std::int64_t columns = (parts_.front().*side).columns;
    Number* to = scratch(memory, rows * columns);
    for_next(side, count, [&](const float* from, std::int64_t size, bool) {
      convert(from, to, size);
      to += size;
    });
    std::fill_n(to, (rows - count) * columns, Number{0});
    return memory.data();
  }

  static void convert(const float* from, Number* to, std::int64_t size) {
    if constexpr (kOperand == GradientOperand::kFloat32) std::copy_n(from, size, to);
    if constexpr (kOperand == GradientOperand::kRounded) round_to_bfloat16(from, to, size);
    if constexpr (kOperand == GradientOperand::kBfloat16) to_bfloat16_natively(from, to, size);
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

  // Calls use(values, how many, whether they are the first) for the next `count` rows of a side.
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
  std::int64_t left_ = 0;
};

}  // namespace

template <GradientOperand kOperand>
void onednn_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) {
  constexpr Precision kPrecision = kOperand == GradientOperand::kBfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
  GradientBlocks<kOperand> blocks(parts);
  for (auto block = blocks.next(); block.rows > 0; block = blocks.next(), accumulate = Accumulate::kYes) {
    Products::of_this_thread().run({dw.rows, block.rows, dw.columns, kPrecision, Layout::kPlain, accumulate, true},
                                   block.x, block.dy, dw.data);
  }
}
template void onednn_gradient<GradientOperand::kFloat32>(std::span<const GradientRows>, const Tensor&, Accumulate);
template void onednn_gradient<GradientOperand::kRounded>(std::span<const GradientRows>, const Tensor&, Accumulate);
template void onednn_gradient<GradientOperand::kBfloat16>(std::span<const GradientRows>, const Tensor&, Accumulate);

}  // namespace heed

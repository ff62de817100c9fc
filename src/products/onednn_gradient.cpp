#include "onednn_gradient.h"

#include <algorithm>
#include <cstdint>
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
class GradientBlocks {
 public:
  explicit GradientBlocks(std::span<const GradientRows> parts) : at_(parts), parts_(parts) {
    for (const GradientRows& part : parts) left_ += part.x.rows;
  }

  struct Block {
    const std::uint16_t* x;
    const std::uint16_t* dy;
    std::int64_t rows;  // 0: no more
  };
  Block next() {
    thread_local Scratch<std::uint16_t> x_memory, dy_memory;
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
  const std::uint16_t* gather(Tensor GradientRows::*side, std::int64_t count, std::int64_t rows,
                              Scratch<std::uint16_t>& memory) const {
    const WorkScope scope(WorkKind::kVector, "gather of a gradient's rows");
    const std::int64_t columns = (parts_.front().*side).columns;
    std::uint16_t* to = scratch(memory, rows * columns);
    GradientCursor(at_).for_next(count,
                                 [&](const GradientRows& part, std::int64_t first, std::int64_t some, std::int64_t) {
                                   to_bfloat16_natively((part.*side).row(first), to, some * columns);
                                   to += some * columns;
                                 });
    std::fill_n(to, (rows - count) * columns, std::uint16_t{0});
    return memory.data();
  }

  GradientCursor at_;
  std::span<const GradientRows> parts_;
  std::int64_t left_ = 0;
};

}  // namespace

void onednn_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) {
  GradientBlocks blocks(parts);
  for (auto block = blocks.next(); block.rows > 0; block = blocks.next(), accumulate = Accumulate::kYes) {
    Products::of_this_thread().run(
        {dw.rows, block.rows, dw.columns, Precision::kBfloat16, Layout::kPlain, accumulate, true}, block.x, block.dy,
        dw.data);
  }
}

}  // namespace heed

#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "heed/products/matmul.h"

namespace heed {

/// Walks over the rows of all parts of a gradient.
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

}  // namespace heed

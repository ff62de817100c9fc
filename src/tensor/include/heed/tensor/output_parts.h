#pragma once
#include <cstdint>
#include <functional>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Of a product: told of each part of its outputs once it is there for all rows, in their order, so that what follows
/// reads them while they are near the processor.
struct OutputParts {
  std::int64_t size;  ///< outputs of a part, a multiple of 64; the last may be smaller
  std::function<void(std::int64_t first, std::int64_t count)> done;

  /// Calls it if the `count` outputs from `first` on, of `out`, end a part.
  void after(std::int64_t first, std::int64_t count, std::int64_t out) const {
    const std::int64_t end = first + count;
    if (end == out || end % size == 0) done((end - 1) / size * size, (end - 1) % size + 1);
  }
};

}  // namespace heed

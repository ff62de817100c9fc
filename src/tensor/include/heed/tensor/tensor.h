#pragma once
#include <cstddef>
#include <cstdint>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A view of a row-major float32 matrix [rows, columns] without gaps; a vector has one row. It does not own its memory:
/// an Arena (values of one batch) or a Buffer (parameters) does. Sequences need no third dimension here: rows of
/// different sentences and time steps are packed one after the other, so that there is no padding to compute on.
struct Tensor {
  float* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  std::int64_t size() const { return rows * columns; }
  float* row(std::int64_t r) const { return data + r * columns; }
  /// Rows [first, first + count) of this matrix.
  Tensor slice(std::int64_t first, std::int64_t count) const { return {row(first), count, columns}; }
  bool empty() const { return data == nullptr; }
};

}  // namespace heed

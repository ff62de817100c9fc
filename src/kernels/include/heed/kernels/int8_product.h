#pragma once
#include <cstdint>

namespace heed {

/// int8 products for processors that have no instruction for them (oneDNN's are for AVX-512 VNNI and AMX; on
/// others it multiplies many times slower than in float32).
struct Int8Product {
  static constexpr std::int64_t kMostPanel = 32;  ///< outputs whose weights are widened at once, at most
  const std::int8_t* x;  ///< [rows, in] from -127 to 127 (-128 where a scale is not a number); readable for in_blocks *
                         ///< 64 from the start of each row on
  std::int64_t in;
  const std::int8_t* blocks;  ///< Int8Blocks of `out` outputs
  const float* scale;         ///< [out]
  const float* row_scale;     ///< [rows]
  float* y;                   ///< [rows, out]
  std::int64_t rows;
  std::int64_t in_blocks;
  std::int64_t out;
  bool add;             ///< to y
  std::int16_t* words;  ///< [rows, in_blocks * 64], overwritten
  std::int16_t* panel;  ///< [kMostPanel, in_blocks * 64], overwritten
};
/// y = or += x W, scaled. The sums of whole numbers are exact, hence the same whatever the order.
void multiply_int8(const Int8Product& of);

}  // namespace heed

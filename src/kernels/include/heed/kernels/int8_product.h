#pragma once
#include <cstdint>

namespace heed {

/// int8 products for processors without AVX-512 VNNI or AMX, which do not multiply bytes, and for
/// those of Arm.
struct Int8Product {
  static constexpr std::int64_t kMostPanel = 32;  ///< most outputs whose weights are widened at once
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
  std::int16_t* words;  ///< [rows, in_blocks * 64], overwritten; on Arm unused
  std::int16_t* panel;  ///< [kMostPanel, in_blocks * 64], overwritten; on Arm unused
};
/// y = or += x W, scaled. The integer sums are exact, hence the same in any order.
void multiply_int8(const Int8Product& of);
/// The same on any 64-bit processor of Arm, where multiply_int8 calls it, and on those with SDOT.
void multiply_neon(const Int8Product& of);
void multiply_dot(const Int8Product& of);

}  // namespace heed

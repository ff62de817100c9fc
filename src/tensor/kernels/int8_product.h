#pragma once
#include <cstdint>

namespace heed {

/// int8 products for processors that have no instruction for them (oneDNN's are for AVX-512 VNNI and AMX; on
/// others it multiplies many times slower than in float32).
struct Int8Product {
  const std::int16_t* x;      ///< [rows, in_blocks * 64] inputs, from 0 to 255; 0 beyond their number
  const std::uint8_t* bytes;  ///< the same, a row behind the other: [rows, in], and readable for in_blocks * 64 in each
  std::int64_t in;
  const std::int8_t* blocks;  ///< Int8Blocks of `out` outputs
  const std::int32_t* sum;    ///< [out] 128 times the sum of the weights of each output
  const float* scale;         ///< [out]
  const float* row_scale;     ///< [rows]
  float* y;                   ///< [rows, out]
  std::int64_t rows;
  std::int64_t in_blocks;
  std::int64_t out;
  bool add;  ///< to y
};
/// y = or += (x - 128) W, scaled. The sums of whole numbers are exact, hence the same whatever the order.
void multiply_int8(const Int8Product& of);
/// Bytes of a row as its x, filled up with zeros.
void widen_bytes(const std::uint8_t* bytes, std::int64_t count, std::int16_t* x);

}  // namespace heed

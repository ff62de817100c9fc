#pragma once
#include <cstdint>

namespace heed {

/// Whole-number products for processors that have no instruction for them (oneDNN's are for AVX-512 VNNI and AMX; on
/// others it multiplies many times slower than in float32).
struct Int8Product {
  const std::int16_t* x;      ///< [rows, in_blocks * 64] inputs, 0 beyond their number
  const std::int8_t* blocks;  ///< Int8Blocks of `out` outputs
  std::int32_t* products;     ///< [rows, out]
  std::int64_t rows;
  std::int64_t in_blocks;
  std::int64_t out;
};
/// Exact sums, hence the same whatever the order. Inputs from -32767 to 32767.
void multiply_int8(const Int8Product& of);
/// Bytes of a row as its x, filled up with zeros.
void widen_bytes(const std::uint8_t* bytes, std::int64_t count, std::int16_t* x);

}  // namespace heed

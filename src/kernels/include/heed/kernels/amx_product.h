#pragma once
#include "heed/kernels/avx512_product.h"
#include "heed/kernels/vnni_product.h"

namespace heed {

/// Products by AMX: of tiles of 16 rows by 16 outputs, 64 bytes of inputs at a time. Only for processors that have it.
/// What they multiply, and where the sums go, lies as for AVX-512 (Avx512Product, Avx512Gradient, VnniTerm), but for
/// what is said here.

/// Rows of bfloat16 are filled with zeros to a multiple of kAmxInputs.
void multiply_amx_bfloat16(const Avx512Product& of);
constexpr std::int64_t kAmxInputs = 32;

/// To the bit what multiply_vnni computes.
void multiply_amx_int8(std::span<const VnniTerm> terms, const VnniOutput& to);

/// Memory for x and dy: at least [round_up(in, kAmxColumns), steps] and two times [kAmxOutputs, steps] for as many
/// steps as round_up(rows, kAmxRows) are.
struct AmxGradient {
  Avx512Gradient rows;
  float* sums;  ///< memory: two times [round_up(in, kAmxColumns), kAmxOutputs]

  float* sums_at(std::int64_t block) const;
};
void gradient_amx_bfloat16(const AmxGradient& of);
constexpr std::int64_t kAmxColumns = 16;
constexpr std::int64_t kAmxOutputs = 64;
constexpr std::int64_t kAmxRows = 32;

inline float* AmxGradient::sums_at(std::int64_t block) const {
  return sums + block * ((rows.in + kAmxColumns - 1) / kAmxColumns) * kAmxColumns * kAmxOutputs;
}

}  // namespace heed

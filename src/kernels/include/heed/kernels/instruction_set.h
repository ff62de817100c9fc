#pragma once

// The instruction sets for products and vector code: the processor's, up to ONEDNN_MAX_CPU_ISA (in builds with
// oneDNN, which reads it).
namespace heed {

enum class Instructions { kAvx2, kAvx512, kAvx512Vnni, kAvx512Bfloat16, kAmx };

/// Whether the processor has these instructions and the limit allows them.
bool has_instructions(Instructions set);
/// AVX-512 F, BW, DQ and VL, which wide_tiles.h is compiled for.
bool has_avx512();

}  // namespace heed

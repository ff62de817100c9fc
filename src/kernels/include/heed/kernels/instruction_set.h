#pragma once

// The instructions that products and vector code may use: those of the processor, up to the limit that
// ONEDNN_MAX_CPU_ISA sets.
namespace heed {

enum class Instructions { kAvx2, kAvx512, kAvx512Vnni, kAvx512Bfloat16, kAmx };

/// Whether the processor has these instructions and the limit allows them.
bool has_instructions(Instructions set);
/// What oneDNN's float32 products are made for.
bool has_avx512();

}  // namespace heed

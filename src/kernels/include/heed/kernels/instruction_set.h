#pragma once
#include <oneapi/dnnl/dnnl.hpp>

// The instructions that products and vector code may use: those of the processor, up to the limit that
// ONEDNN_MAX_CPU_ISA sets.
namespace heed {

/// Whether the processor has these instructions and the limit allows them.
bool has(dnnl::cpu_isa isa);
/// What oneDNN's float32 products are made for.
bool has_avx512();

}  // namespace heed

#pragma once
#include <cstdint>

namespace heed {

/// to_bfloat16 by the processor's own instruction, three times as fast as by integers; denormals become 0, as they do
/// in its products. To be called only where is_native(Precision::kBfloat16).
void to_bfloat16_natively(const float* x, std::uint16_t* y, std::int64_t count);

}  // namespace heed

#pragma once
#include <cstdint>

#include "heed/tensor/kernels/matmul.h"

namespace heed {

/// float32 products for processors without AVX-512, where oneDNN's are made for many rows: a single row takes them as
/// long as six, which is what decoding a sentence consists of.
///
/// Weights [in, out] in panels of 16 outputs, [out / 16][in][16]; the last is filled up with zeros.
struct FloatPanels {
  static constexpr std::int64_t kOut = 16;
  /// Numbers of weights [in, out].
  static std::int64_t size(std::int64_t in, std::int64_t out) { return (out + kOut - 1) / kOut * kOut * in; }
};
/// Packs weights [in, out] or, transposed, given as [out, in].
void pack_panels(const Tensor& weights, bool transposed, float* panels);
/// y = x W or y += x W. Every element is a sum over the inputs in their order, from 0 or from what stands there,
/// whatever the number of rows.
void multiply_panels(const Tensor& x, const float* panels, const Tensor& y, Into into);

}  // namespace heed

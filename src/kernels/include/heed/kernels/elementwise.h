#pragma once
#include <cstdint>
#include <span>

#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/tensor/tensor.h"

// Vector code over arrays of `count` float32 values. Input and output may be the same array, but must not overlap
// otherwise. Marked, though not installed, for libheed, which trains.
namespace HEED_ENGINE_API heed {

void tanh_forward(const float* x, float* y, std::int64_t count);
/// dx += dy * (1 - y^2), y = tanh(x).
void tanh_backward(const float* y, const float* dy, float* dx, std::int64_t count);
/// dy *= 1 - y^2: overwrites y's gradient by x's.
void tanh_backward(const float* y, float* dy, std::int64_t count);
void sigmoid_forward(const float* x, float* y, std::int64_t count);
/// dx += dy * y * (1 - y), y = sigmoid(x).
void sigmoid_backward(const float* y, const float* dy, float* dx, std::int64_t count);

/// y += scale * x
void add_scaled(const float* x, float scale, float* y, std::int64_t count);
/// y += a * b, element by element
void add_product(const float* a, const float* b, float* y, std::int64_t count);
/// y = a * b, element by element
void multiply(const float* a, const float* b, float* y, std::int64_t count);
/// Adds `bias` [columns] to each row of y.
void add_bias(const float* bias, const Tensor& y);
/// sums[c] += sum of column c of x.
void add_column_sums(const Tensor& x, float* sums);
double sum_of_squares(const float* x, std::int64_t count);
/// Whether all elements are finite.
bool all_finite(const float* x, std::int64_t count);

/// Fills mask with 1 / (1 - rate) (kept) or 0 (dropped).
void dropout_mask(double rate, Rng& rng, float* mask, std::int64_t count);

}  // namespace heed

#include "heed/tensor/kernels/softmax.h"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

// Adds `bias`, if any, to the row; its largest element.
float BiasAndLargest(float* row, const float* bias, std::int64_t count) {
  const Floats d;
  Vec largest = hn::Set(d, -std::numeric_limits<float>::infinity());
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    Vec v = load_n(d, row + i, n);
    if (bias != nullptr) {
      v = hn::Add(v, load_n(d, bias + i, n));
      store_n(v, d, row + i, n);
    }
    if (n < static_cast<std::int64_t>(hn::Lanes(d)))
      v = hn::IfThenElse(hn::FirstN(d, static_cast<std::size_t>(n)), v, largest);
    largest = hn::Max(largest, v);
  });
  return hn::GetLane(hn::MaxOfLanes(d, largest));
}

// Sum of exp(row - largest); `out`, if any, gets the terms. Exp makes 0 of what is not a number: adding the clamped
// exponent times 0 keeps it.
float SumOfExp(const float* row, float largest, float* out, std::int64_t count) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec x = hn::Max(hn::Set(d, -1e4F), hn::Sub(load_n(d, row + i, n), hn::Set(d, largest)));
    Vec e = hn::MulAdd(hn::Zero(d), x, hn::Exp(d, x));
    if (n < static_cast<std::int64_t>(hn::Lanes(d)))
      e = hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(n)), e);
    sum = hn::Add(sum, e);
    if (out != nullptr) store_n(e, d, out + i, n);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

float SumOf(const float* row, std::int64_t count) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(count, [&](std::int64_t i, std::int64_t n) { sum = hn::Add(sum, load_n(d, row + i, n)); });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// row = row * scale + shift, also added to `sums`
void ScaleAndSum(float* row, float scale, float shift, float* sums, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec v = hn::MulAdd(load_n(d, row + i, n), hn::Set(d, scale), hn::Set(d, shift));
    store_n(v, d, row + i, n);
    store_n(hn::Add(load_n(d, sums + i, n), v), d, sums + i, n);
  });
}

void CrossEntropyRows(const Tensor& logits, CrossEntropy& work) {
  const std::int64_t vocabulary = logits.columns;
  const float uniform = work.smoothing / static_cast<float>(vocabulary);
  const bool gradient = work.bias_gradient != nullptr;
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    float* row = logits.row(r);
    const int label = work.labels[r];
    const float largest = BiasAndLargest(row, work.bias, vocabulary);
    const float target = row[label];
    const float total = work.smoothing > 0 ? SumOf(row, vocabulary) : 0.0F;
    const float sum = SumOfExp(row, largest, gradient ? row : nullptr, vocabulary);
    const float log_sum = largest + std::log(sum);
    work.log_probability[r] = target - log_sum;
    work.loss += static_cast<double>((1.0F - work.smoothing) * (log_sum - target));
    if (work.smoothing > 0) work.loss += static_cast<double>(work.smoothing * log_sum - uniform * total);
    if (!gradient) continue;
    ScaleAndSum(row, work.scale / sum, -work.scale * uniform, work.bias_gradient, vocabulary);
    const float at_label = work.scale * (1.0F - work.smoothing);
    row[label] -= at_label;
    work.bias_gradient[label] -= at_label;
  }
}

void LogSumExpRows(const Tensor& logits, std::span<float> out) {
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    const float largest = BiasAndLargest(logits.row(r), nullptr, logits.columns);
    out[r] = largest + std::log(SumOfExp(logits.row(r), largest, nullptr, logits.columns));
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

namespace heed {

HWY_EXPORT(CrossEntropyRows);
HWY_EXPORT(LogSumExpRows);

void softmax_cross_entropy(const Tensor& logits, CrossEntropy& work) {
  HWY_DYNAMIC_DISPATCH(CrossEntropyRows)(logits, work);
}

void log_sum_exp(const Tensor& logits, std::span<float> out) { HWY_DYNAMIC_DISPATCH(LogSumExpRows)(logits, out); }

void top_k(std::span<const float> row, TopK out) {
  const auto k = static_cast<int>(out.indices.size());
  int kept = 0;
  for (int i = 0; i < static_cast<int>(row.size()); ++i) {
    if (kept == k && !(row[i] > out.values[k - 1])) continue;
    int at = kept < k ? kept++ : k - 1;
    for (; at > 0 && row[i] > out.values[at - 1]; --at) {
      out.values[at] = out.values[at - 1];
      out.indices[at] = out.indices[at - 1];
    }
    out.values[at] = row[i];
    out.indices[at] = i;
  }
}

}  // namespace heed
#endif

#include "heed/kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "softmax.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

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

// exp of x; of -inf 0, and what is not a number stays none.
HWY_INLINE Vec exp_of_any(Floats d, Vec x) {
#if HWY_TARGET <= HWY_AVX3
  return exp_of(d, x);
#else
  x = hn::Max(hn::Set(d, -1e4F), x);
  return hn::MulAdd(hn::Zero(d), x, exp_of(d, x));
#endif
}

// Sum of exp(row - largest); `out`, if any, gets the terms.
float SumOfExp(const float* row, float largest, float* out, std::int64_t count) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    Vec e = exp_of_any(d, hn::Sub(load_n(d, row + i, n), hn::Set(d, largest)));
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

float DotOf(const float* x, const float* y, std::int64_t count) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(count,
              [&](std::int64_t i, std::int64_t n) { sum = hn::MulAdd(load_n(d, x + i, n), load_n(d, y + i, n), sum); });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// out += factor * x
void AddTimes(const float* x, float factor, float* out, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    store_n(hn::MulAdd(hn::Set(d, factor), load_n(d, x + i, n), load_n(d, out + i, n)), d, out + i, n);
  });
}

void AddSoftmaxRows(const Tensor& logits, const float* bias, float factor, const Tensor& out) {
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    float* const row = logits.row(r);
    const float largest = BiasAndLargest(row, bias, logits.columns);
    const float sum = SumOfExp(row, largest, row, logits.columns);
    AddTimes(row, factor / sum, out.row(r), logits.columns);
  }
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
    const bool has_soft = work.soft.rows > 0;
    const float at_soft = has_soft ? DotOf(row, work.soft.row(r), vocabulary) : 0.0F;
    const float sum = SumOfExp(row, largest, gradient ? row : nullptr, vocabulary);
    const float log_sum = largest + std::log(sum);
    const float weight = work.weights.empty() ? 1.0F : work.weights[r];
    const float hard = weight * (has_soft ? 1.0F - work.soft_share : 1.0F);  // of the labels
    work.log_probability[r] = target - log_sum;
    work.loss += static_cast<double>(hard * (1.0F - work.smoothing) * (log_sum - target));
    if (work.smoothing > 0) work.loss += static_cast<double>(hard * (work.smoothing * log_sum - uniform * total));
    if (has_soft) work.loss += static_cast<double>(weight * work.soft_share * (log_sum - at_soft));
    if (!gradient) continue;
    ScaleAndSum(row, weight * work.scale / sum, -hard * work.scale * uniform, work.bias_gradient, vocabulary);
    const float at_label = hard * work.scale * (1.0F - work.smoothing);
    row[label] -= at_label;
    work.bias_gradient[label] -= at_label;
    if (!has_soft) continue;
    const float towards = -weight * work.scale * work.soft_share;
    AddTimes(work.soft.row(r), towards, row, vocabulary);
    AddTimes(work.soft.row(r), towards, work.bias_gradient, vocabulary);
  }
}

void LogSumExpRows(const Tensor& logits, const float* bias, std::span<float> out) {
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    const float largest = BiasAndLargest(logits.row(r), bias, logits.columns);
    out[r] = largest + std::log(SumOfExp(logits.row(r), largest, nullptr, logits.columns));
  }
}

// Two passes over some columns of all rows, which stay near the processor.
void LogSumExpOfRows(const Tensor& x, std::span<const float> offset, std::span<float> out) {
  const Floats d;
  const bool numbers = std::none_of(offset.begin(), offset.end(), [](float value) { return std::isnan(value); });
  if (!numbers) return std::fill(out.begin(), out.end(), std::numeric_limits<float>::quiet_NaN());
  HWY_ALIGN float sums[hn::MaxLanes(d)];
  each_vector(x.columns, [&](std::int64_t i, std::int64_t n) {
    const auto term = [&](std::int64_t r) { return hn::Add(load_n(d, x.row(r) + i, n), hn::Set(d, offset[r])); };
    Vec largest = hn::Set(d, std::numeric_limits<float>::lowest());
    for (std::int64_t r = 0; r < x.rows; ++r) largest = hn::Max(largest, term(r));
    Vec sum = hn::Zero(d);
    for (std::int64_t r = 0; r < x.rows; ++r) sum = hn::Add(sum, exp_of(d, hn::Sub(term(r), largest)));
    hn::Store(sum, d, sums);
    store_n(largest, d, out.data() + i, n);
    const std::int64_t lanes = std::min(n, static_cast<std::int64_t>(hn::Lanes(d)));
    for (std::int64_t lane = 0; lane < lanes; ++lane) out[i + lane] += std::log(sums[lane]);
  });
}

void SumRows(const Tensor& x, std::span<float> out) {
  for (std::int64_t r = 0; r < x.rows; ++r) out[r] = SumOf(x.row(r), x.columns);
}

void SoftmaxGradientRows(const Tensor& logits, const RowGradients& work) {
  const auto vocabulary = static_cast<float>(logits.columns);
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    float* row = logits.row(r);
    const float at_label = work.labels[r] >= 0 ? work.at_label[r] : 0.0F;
    SumOfExp(row, work.log_sum[r], row, logits.columns);
    ScaleAndSum(row, at_label + work.uniform[r], -work.uniform[r] / vocabulary, work.bias_gradient, logits.columns);
    if (work.labels[r] < 0) continue;
    row[work.labels[r]] -= at_label;
    work.bias_gradient[work.labels[r]] -= at_label;
  }
}

// The element that comes after `last` at `place` in the order of size, equal ones in their own order: of those that are
// smaller, or equal and further on, the largest. Its place, or -1 if there is none above minus infinity.
std::int64_t NextInOrder(const float* row, float last, std::int64_t place, std::int64_t count) {
  const Floats d;
  const hn::RebindToSigned<Floats> integers;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Vec limit = hn::Set(d, last);
  const auto at = hn::Set(integers, static_cast<std::int32_t>(place));
  const auto first_places = hn::Iota(integers, 0);
  Vec best = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto best_place = hn::Set(integers, -1);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec v = load_n(d, row + i, n);
    const auto places = hn::Add(first_places, hn::Set(integers, static_cast<std::int32_t>(i)));
    const auto later = hn::And(hn::Eq(v, limit), hn::RebindMask(d, hn::Gt(places, at)));
    auto taken = hn::And(hn::Gt(v, best), hn::Or(hn::Lt(v, limit), later));
    if (n < lanes) taken = hn::And(taken, hn::FirstN(d, static_cast<std::size_t>(n)));
    best = hn::IfThenElse(taken, v, best);
    best_place = hn::IfThenElse(hn::RebindMask(integers, taken), places, best_place);
  });
  const Vec largest = hn::MaxOfLanes(d, best);
  const auto none = hn::Set(integers, std::numeric_limits<std::int32_t>::max());
  const auto found = hn::And(hn::Eq(best, largest), hn::RebindMask(d, hn::Gt(best_place, hn::Set(integers, -1))));
  const std::int32_t out =
      hn::GetLane(hn::MinOfLanes(integers, hn::IfThenElse(hn::RebindMask(integers, found), best_place, none)));
  return out == std::numeric_limits<std::int32_t>::max() ? -1 : out;
}

// First of the elements from `start` on that is larger than `limit`; `count` if there is none.
std::int64_t NextLarger(const float* row, std::int64_t start, float limit, std::int64_t count) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Vec bound = hn::Set(d, limit);
  std::int64_t i = start;
  for (; i + lanes <= count; i += lanes) {
    const auto larger = hn::Gt(hn::LoadU(d, row + i), bound);
    if (!hn::AllFalse(d, larger)) return i + hn::FindFirstTrue(d, larger);
  }
  while (i < count && !(row[i] > limit)) ++i;
  return i;
}

void AddLogits(const LogitsPart& part, std::span<RunningSum> sums, const Tensor& largest) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  for (std::int64_t r = 0; r < part.logits.rows; ++r) {
    RunningSum& sum = sums[static_cast<std::size_t>(r)];
    for (std::int64_t i = 0; i < part.count; i += kTopKGroup) {
      float* const group = part.logits.row(r) + part.first + i;
      const std::int64_t count = std::min(kTopKGroup, part.count - i);
      const float here = BiasAndLargest(group, part.bias == nullptr ? nullptr : part.bias + part.first + i, count);
      largest.row(r)[(part.first + i) / kTopKGroup] = here;
      if (here > sum.largest) {
        sum.sum *= std::exp(sum.largest - here);
        sum.largest = here;
      }
      if (sum.largest != kNone || std::isnan(here)) sum.sum += SumOfExp(group, sum.largest, nullptr, count);
    }
  }
}

// The largest of each group of `group` elements, some pairs of vectors; the last may be shorter.
void LargestOfGroups(const float* row, std::int64_t group, std::int64_t count, float* out) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (; count >= group; count -= group, row += group) {
    Vec even = hn::LoadU(d, row);
    Vec odd = hn::LoadU(d, row + lanes);
    for (std::int64_t i = 2 * lanes; i < group; i += 2 * lanes) {
      even = hn::Max(hn::LoadU(d, row + i), even);
      odd = hn::Max(hn::LoadU(d, row + i + lanes), odd);
    }
    *out++ = hn::GetLane(hn::MaxOfLanes(d, hn::Max(even, odd)));
  }
  if (count > 0) *out = *std::max_element(row, row + count);
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>
#include <vector>

#include "dispatch.h"

namespace heed {

HEED_EXPORT(LargestOfGroups);
HEED_EXPORT(NextLarger);
HEED_EXPORT(NextInOrder);

HEED_TIMED_KERNEL(void softmax_cross_entropy(const Tensor& logits, CrossEntropy& work), CrossEntropyRows, logits, work);

HEED_TIMED_KERNEL(void add_softmax(const Tensor& logits, const float* bias, float factor, const Tensor& out),
                  AddSoftmaxRows, logits, bias, factor, out);

HEED_TIMED_KERNEL(void log_sum_exp(const Tensor& logits, const float* bias, std::span<float> out), LogSumExpRows,
                  logits, bias, out);

HEED_TIMED_KERNEL(void add_logits(const LogitsPart& part, std::span<RunningSum> sums, const Tensor& largest), AddLogits,
                  part, sums, largest);

HEED_TIMED_KERNEL(void log_sum_exp_of_rows(const Tensor& x, std::span<const float> offset, std::span<float> out),
                  LogSumExpOfRows, x, offset, out);

HEED_TIMED_KERNEL(void sum_rows(const Tensor& x, std::span<float> out), SumRows, x, out);

HEED_TIMED_KERNEL(void softmax_gradient(const Tensor& logits, const RowGradients& work), SoftmaxGradientRows, logits,
                  work);

namespace {

// One pass for each of the k. False if there are fewer numbers above minus infinity.
bool top_k_of_few(std::span<const float> row, const TopK& out) {
  float last = std::numeric_limits<float>::infinity();
  std::int64_t place = -1;
  for (std::size_t i = 0; i < out.indices.size(); ++i) {
    place = HEED_DISPATCH(NextInOrder)(row.data(), last, place, static_cast<std::int64_t>(row.size()));
    if (place < 0) return false;
    last = row[static_cast<std::size_t>(place)];
    out.indices[i] = static_cast<int>(place);
    out.values[i] = last;
  }
  return true;
}

// Passes over a short row cost less than the mispredicted branches of insertions.
bool is_short_and_done(std::span<const float> row, const TopK& out) {
  constexpr std::size_t kFew = 1024;
  return row.size() <= kFew && top_k_of_few(row, out);
}

void top_k_of_groups(std::span<const float> row, std::span<const float> largest, const TopK& out) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  const std::size_t k = out.indices.size();
  const auto count = static_cast<std::int64_t>(row.size());
  // The k-th largest of the groups' largest: k elements at least are as large, and few groups have one.
  const bool found = k > 0 && k <= largest.size() && top_k_of_few(largest, out);
  const float least = found ? out.values[k - 1] : kNone;
  const float below_least = std::nextafter(least, kNone);
  const auto next_larger = HEED_DISPATCH(NextLarger);
  std::size_t kept = 0;
  const auto insert = [&](float value, std::int64_t place) {
    std::size_t at = kept < k ? kept++ : k - 1;
    for (; at > 0 && value > out.values[at - 1]; --at) {
      out.values[at] = out.values[at - 1];
      out.indices[at] = out.indices[at - 1];
    }
    out.values[at] = value;
    out.indices[at] = static_cast<int>(place);
  };
  for (std::size_t g = 0; g < largest.size(); ++g) {
    if (largest[g] < least) continue;
    const std::int64_t first = static_cast<std::int64_t>(g) * kTopKGroup;
    const std::int64_t end = std::min(first + kTopKGroup, count);
    for (std::int64_t next = first; next < end; ++next) {
      const bool takes_any = kept < k && least == kNone;
      if (!takes_any) next = next_larger(row.data(), next, kept < k ? below_least : out.values[k - 1], end);
      if (next < end) insert(row[static_cast<std::size_t>(next)], next);
    }
  }
}

}  // namespace

void top_k(std::span<const float> row, TopK out) {
  const WorkScope scope(WorkKind::kVector);
  if (is_short_and_done(row, out)) return;
  thread_local std::vector<float> largest;
  const auto count = static_cast<std::int64_t>(row.size());
  largest.resize(static_cast<std::size_t>((count + kTopKGroup - 1) / kTopKGroup));
  HEED_DISPATCH(LargestOfGroups)(row.data(), kTopKGroup, count, largest.data());
  top_k_of_groups(row, largest, out);
}

void top_k(std::span<const float> row, std::span<const float> largest, TopK out) {
  const WorkScope scope(WorkKind::kVector);
  if (!is_short_and_done(row, out)) top_k_of_groups(row, largest, out);
}

float largest_of(std::span<const float> values) {
  float out;
  HEED_DISPATCH(LargestOfGroups)(values.data(), kTopKGroup, static_cast<std::int64_t>(values.size()), &out);
  return out;
}

}  // namespace heed
#endif

#include "heed/kernels/gru.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gru.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

void GruForwardRows(const GruForward& step) {
  const Floats d;
  const std::int64_t hidden = step.hidden.columns;
  for (std::int64_t row = 0; row < step.gates.rows; ++row) {
    float* gates = step.gates.row(row);
    float* recurrent = step.recurrent.row(row);
    const float* previous = row < step.previous.rows ? step.previous.row(row) : nullptr;
    float* out = step.hidden.row(row);
    each_vector(hidden, [&](std::int64_t j, std::int64_t count) {
      const auto with_bias = [&](const float* sums, const float* bias, int k) {
        const std::int64_t at = k * hidden + j;
        return hn::Add(load_n(d, sums + at, count), load_n(d, bias + at, count));
      };
      const auto gate = [&](int k) { return with_bias(gates, step.bias, k); };
      const auto u = [&](int k) { return with_bias(recurrent, step.recurrent_bias, k); };
      const Vec r = sigmoid_of(add(gate(0), u(0)));
      const Vec z = sigmoid_of(add(gate(1), u(1)));
      const Vec u_n = u(2);
      const Vec n = gru_candidate(r, u_n, gate(2));
      Vec h = gru_new_hidden(z, n);
      if (previous != nullptr) h = mul_add(z, load_n(d, previous + j, count), h);
      store_n(h, d, out + j, count);
      store_n(r, d, gates + j, count);
      store_n(z, d, gates + hidden + j, count);
      store_n(n, d, gates + 2 * hidden + j, count);
      store_n(u_n, d, recurrent + 2 * hidden + j, count);
    });
  }
}

void GruBackwardRows(const GruBackward& step) {
  const Floats d;
  const std::int64_t hidden = step.hidden_gradient.columns;
  for (std::int64_t row = 0; row < step.gates.rows; ++row) {
    float* gates = step.gates.row(row);
    float* recurrent = step.recurrent.row(row);
    const bool has_previous = row < step.previous.rows;
    const float* previous = has_previous ? step.previous.row(row) : nullptr;
    float* d_previous = has_previous ? step.previous_gradient.row(row) : nullptr;
    const float* d_hidden = step.hidden_gradient.row(row);
    each_vector(hidden, [&](std::int64_t j, std::int64_t count) {
      const Vec r = load_n(d, gates + j, count);
      const Vec z = load_n(d, gates + hidden + j, count);
      const Vec n = load_n(d, gates + 2 * hidden + j, count);
      const Vec u_n = load_n(d, recurrent + 2 * hidden + j, count);
      const Vec dh = load_n(d, d_hidden + j, count);
      Vec before = hn::Zero(d);
      if (has_previous) {
        before = load_n(d, previous + j, count);
        store_n(mul_add(dh, z, load_n(d, d_previous + j, count)), d, d_previous + j, count);
      }
      const Vec dn = gru_candidate_gradient(dh, z, n);
      const Vec dr = through_sigmoid(mul(dn, u_n), r);
      const Vec dz = through_sigmoid(mul(dh, sub(before, n)), z);
      store_n(dr, d, gates + j, count);
      store_n(dz, d, gates + hidden + j, count);
      store_n(dn, d, gates + 2 * hidden + j, count);
      store_n(dr, d, recurrent + j, count);
      store_n(dz, d, recurrent + hidden + j, count);
      store_n(mul(dn, r), d, recurrent + 2 * hidden + j, count);
    });
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_TIMED_KERNEL(void gru_forward(const GruForward& step), GruForwardRows, step);
HEED_TIMED_KERNEL(void gru_backward(const GruBackward& step), GruBackwardRows, step);

}  // namespace heed
#endif

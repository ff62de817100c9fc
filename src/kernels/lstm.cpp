#include "heed/kernels/lstm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lstm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

// kOutput: the hidden state too.
template <bool kOutput>
void forward_rows(const LstmForward& step) {
  const Floats d;
  const std::int64_t hidden = step.cell.columns;
  for (std::int64_t r = 0; r < step.gates.rows; ++r) {
    float* gates = step.gates.row(r);
    const float* previous = r < step.previous_cell.rows ? step.previous_cell.row(r) : nullptr;
    float* cell = step.cell.row(r);
    float* out = kOutput ? step.hidden.row(r) : nullptr;
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      const auto gate = [&](int k) {
        const std::int64_t at = k * hidden + j;
        return hn::Add(load_n(d, gates + at, n), load_n(d, step.bias + at, n));
      };
      const LstmGates<Vec> of = lstm_gates<Vec>({gate(0), gate(1), gate(2), gate(3)});
      Vec c = lstm_new_cell(of);
      if (previous != nullptr) c = mul_add(of.f, load_n(d, previous + j, n), c);
      store_n(c, d, cell + j, n);
      if constexpr (kOutput) store_n(lstm_hidden(of.o, c), d, out + j, n);
      store_n(of.i, d, gates + j, n);
      store_n(of.f, d, gates + hidden + j, n);
      store_n(of.g, d, gates + 2 * hidden + j, n);
      store_n(of.o, d, gates + 3 * hidden + j, n);
    });
  }
}

template <bool kOutput>
void backward_rows(const LstmBackward& step) {
  const Floats d;
  const std::int64_t hidden = step.cell.columns;
  for (std::int64_t r = 0; r < step.gates.rows; ++r) {
    float* gates = step.gates.row(r);
    const bool has_previous = r < step.previous_cell.rows;
    const float* previous = has_previous ? step.previous_cell.row(r) : nullptr;
    float* d_previous = has_previous ? step.previous_cell_gradient.row(r) : nullptr;
    const float* cell = step.cell.row(r);
    const float* d_hidden = kOutput ? step.hidden_gradient.row(r) : nullptr;
    const float* d_cell = step.cell_gradient.row(r);
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      const Vec i = load_n(d, gates + j, n);
      const Vec f = load_n(d, gates + hidden + j, n);
      const Vec g = load_n(d, gates + 2 * hidden + j, n);
      Vec dc = load_n(d, d_cell + j, n);
      if constexpr (kOutput) {
        const Vec o = load_n(d, gates + 3 * hidden + j, n);
        const Vec t = tanh_of(load_n(d, cell + j, n));
        const Vec dh = load_n(d, d_hidden + j, n);
        dc = lstm_cell_gradient(dh, o, t, dc);
        store_n(through_sigmoid(mul(dh, t), o), d, gates + 3 * hidden + j, n);
      }
      Vec df = hn::Zero(d);
      if (has_previous) {
        df = through_sigmoid(mul(dc, load_n(d, previous + j, n)), f);
        store_n(mul_add(dc, f, load_n(d, d_previous + j, n)), d, d_previous + j, n);
      }
      store_n(through_sigmoid(mul(dc, g), i), d, gates + j, n);
      store_n(df, d, gates + hidden + j, n);
      store_n(through_tanh(mul(dc, i), g), d, gates + 2 * hidden + j, n);
    });
  }
}

void LstmForwardRows(const LstmForward& step) {
  step.hidden.empty() ? forward_rows<false>(step) : forward_rows<true>(step);
}

void LstmBackwardRows(const LstmBackward& step) {
  step.hidden_gradient.empty() ? backward_rows<false>(step) : backward_rows<true>(step);
}

void LstmOutputForwardRows(const LstmOutputForward& output) {
  const Floats d;
  const std::int64_t hidden = output.hidden.columns;
  for (std::int64_t r = 0; r < output.hidden.rows; ++r) {
    const float* gate = output.gates.row(r) + 3 * hidden;
    const float* read = output.read.row(r);
    float* out = output.hidden.row(r);
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      store_n(lstm_hidden(load_n(d, gate + j, n), load_n(d, read + j, n)), d, out + j, n);
    });
  }
}

void LstmOutputBackwardRows(const LstmOutputBackward& output) {
  const Floats d;
  const std::int64_t hidden = output.read.columns;
  for (std::int64_t r = 0; r < output.read.rows; ++r) {
    float* gate = output.gates.row(r) + 3 * hidden;
    float* read = output.read.row(r);
    const float* d_hidden = output.hidden_gradient.row(r);
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      const Vec o = load_n(d, gate + j, n);
      const Vec t = tanh_of(load_n(d, read + j, n));
      const Vec dh = load_n(d, d_hidden + j, n);
      store_n(through_sigmoid(mul(dh, t), o), d, gate + j, n);
      store_n(through_tanh(mul(dh, o), t), d, read + j, n);
    });
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_TIMED_KERNEL(void lstm_forward(const LstmForward& step), LstmForwardRows, step);
HEED_TIMED_KERNEL(void lstm_backward(const LstmBackward& step), LstmBackwardRows, step);
HEED_TIMED_KERNEL(void lstm_output_forward(const LstmOutputForward& output), LstmOutputForwardRows, output);
HEED_TIMED_KERNEL(void lstm_output_backward(const LstmOutputBackward& output), LstmOutputBackwardRows, output);

}  // namespace heed
#endif

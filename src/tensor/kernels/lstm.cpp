#include "heed/tensor/kernels/lstm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lstm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

void LstmForwardRows(const LstmForward& step) {
  const Floats d;
  const std::int64_t hidden = step.hidden.columns;
  for (std::int64_t r = 0; r < step.gates.rows; ++r) {
    float* gates = step.gates.row(r);
    const float* previous = r < step.previous_cell.rows ? step.previous_cell.row(r) : nullptr;
    float* cell = step.cell.row(r);
    float* out = step.hidden.row(r);
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      const auto gate = [&](int k) {
        const std::int64_t at = k * hidden + j;
        return hn::Add(load_n(d, gates + at, n), load_n(d, step.bias + at, n));
      };
      const Vec i = sigmoid_of(d, gate(0));
      const Vec f = sigmoid_of(d, gate(1));
      const Vec g = tanh_of(d, gate(2));
      const Vec o = sigmoid_of(d, gate(3));
      Vec c = hn::Mul(i, g);
      if (previous != nullptr) c = hn::MulAdd(f, load_n(d, previous + j, n), c);
      store_n(c, d, cell + j, n);
      store_n(hn::Mul(o, tanh_of(d, c)), d, out + j, n);
      store_n(i, d, gates + j, n);
      store_n(f, d, gates + hidden + j, n);
      store_n(g, d, gates + 2 * hidden + j, n);
      store_n(o, d, gates + 3 * hidden + j, n);
    });
  }
}

void LstmBackwardRows(const LstmBackward& step) {
  const Floats d;
  const std::int64_t hidden = step.cell.columns;
  const Vec one = hn::Set(d, 1.0F);
  for (std::int64_t r = 0; r < step.gates.rows; ++r) {
    float* gates = step.gates.row(r);
    const bool has_previous = r < step.previous_cell.rows;
    const float* previous = has_previous ? step.previous_cell.row(r) : nullptr;
    float* d_previous = has_previous ? step.previous_cell_gradient.row(r) : nullptr;
    const float* cell = step.cell.row(r);
    const float* d_hidden = step.hidden_gradient.row(r);
    const float* d_cell = step.cell_gradient.row(r);
    each_vector(hidden, [&](std::int64_t j, std::int64_t n) {
      const Vec i = load_n(d, gates + j, n);
      const Vec f = load_n(d, gates + hidden + j, n);
      const Vec g = load_n(d, gates + 2 * hidden + j, n);
      const Vec o = load_n(d, gates + 3 * hidden + j, n);
      const Vec t = tanh_of(d, load_n(d, cell + j, n));
      const Vec dh = load_n(d, d_hidden + j, n);
      const Vec slope = hn::NegMulAdd(t, t, one);
      const Vec dc = hn::MulAdd(hn::Mul(dh, o), slope, load_n(d, d_cell + j, n));
      const auto through_sigmoid = [&](Vec gradient, Vec gate) {
        return hn::Mul(gradient, hn::NegMulAdd(gate, gate, gate));
      };
      Vec df = hn::Zero(d);
      if (has_previous) {
        df = through_sigmoid(hn::Mul(dc, load_n(d, previous + j, n)), f);
        store_n(hn::MulAdd(dc, f, load_n(d, d_previous + j, n)), d, d_previous + j, n);
      }
      store_n(through_sigmoid(hn::Mul(dc, g), i), d, gates + j, n);
      store_n(df, d, gates + hidden + j, n);
      store_n(hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one)), d, gates + 2 * hidden + j, n);
      store_n(through_sigmoid(hn::Mul(dh, t), o), d, gates + 3 * hidden + j, n);
    });
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed {

HWY_EXPORT(LstmForwardRows);
HWY_EXPORT(LstmBackwardRows);

void lstm_forward(const LstmForward& step) { HWY_DYNAMIC_DISPATCH(LstmForwardRows)(step); }
void lstm_backward(const LstmBackward& step) { HWY_DYNAMIC_DISPATCH(LstmBackwardRows)(step); }

}  // namespace heed
#endif

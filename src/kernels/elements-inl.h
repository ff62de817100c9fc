// The arithmetic of one element of a kernel, apart from where elements lie and how many are computed at a time.
//
// Without include guard and namespace: a backend includes it inside its own namespace, where it has HEED_ELEMENT (how
// its functions are declared) and, for its numbers V, add, sub, mul, div, mul_add(a, b, c) = a b + c,
// neg_mul_add(a, b, c) = c - a b, sqrt_of, tanh_of, sigmoid_of and one_like. vector_math-inl.h is such a backend;
// tests/elements_test.cpp has another, of plain floats.

// ---- Activations: gradients by their values y

template <typename V>
HEED_ELEMENT V through_tanh(V dy, V y) {
  return mul(dy, neg_mul_add(y, y, one_like(y)));
}
template <typename V>
HEED_ELEMENT V through_sigmoid(V dy, V y) {
  return mul(dy, neg_mul_add(y, y, y));
}
/// dx + dy (1 - y^2)
template <typename V>
HEED_ELEMENT V add_tanh_gradient(V y, V dy, V dx) {
  return mul_add(dy, neg_mul_add(y, y, one_like(y)), dx);
}
/// dx + dy y (1 - y)
template <typename V>
HEED_ELEMENT V add_sigmoid_gradient(V y, V dy, V dx) {
  return mul_add(dy, neg_mul_add(y, y, y), dx);
}

// ---- LSTM (heed/kernels/lstm.h)

template <typename V>
struct LstmGates {
  V i, f, g, o;
};
template <typename V>
HEED_ELEMENT LstmGates<V> lstm_gates(const LstmGates<V>& sums) {
  return {sigmoid_of(sums.i), sigmoid_of(sums.f), tanh_of(sums.g), sigmoid_of(sums.o)};
}
/// c of a row that starts from zero; others add f c'.
template <typename V>
HEED_ELEMENT V lstm_new_cell(const LstmGates<V>& gates) {
  return mul(gates.i, gates.g);
}
template <typename V>
HEED_ELEMENT V lstm_hidden(V o, V read) {
  return mul(o, tanh_of(read));
}
/// dc with what goes through the hidden state, t = tanh(c).
template <typename V>
HEED_ELEMENT V lstm_cell_gradient(V dh, V o, V t, V dc) {
  return mul_add(mul(dh, o), neg_mul_add(t, t, one_like(t)), dc);
}

// ---- GRU (heed/kernels/gru.h)

template <typename V>
HEED_ELEMENT V gru_candidate(V r, V u_n, V gate_n) {
  return tanh_of(mul_add(r, u_n, gate_n));
}
/// h of a row that starts from zero; others add z h'.
template <typename V>
HEED_ELEMENT V gru_new_hidden(V z, V n) {
  return neg_mul_add(z, n, n);
}
/// The gradient of n's sum.
template <typename V>
HEED_ELEMENT V gru_candidate_gradient(V dh, V z, V n) {
  return through_tanh(neg_mul_add(dh, z, dh), n);
}

// ---- Adam (heed/kernels/optimizers.h)

template <typename V>
struct AdamNumbers {
  V beta1, rest1;  ///< rest: 1 - beta
  V beta2, rest2;
  V learning_rate, epsilon;
};
template <typename V>
struct AdamMoments {
  V mean, variance;
};
template <typename V>
HEED_ELEMENT AdamMoments<V> adam_moments(const AdamNumbers<V>& by, V g, const AdamMoments<V>& before) {
  return {mul_add(by.beta1, before.mean, mul(by.rest1, g)),
          mul_add(by.beta2, before.variance, mul(by.rest2, mul(g, g)))};
}
template <typename V>
HEED_ELEMENT V adam_weight(const AdamNumbers<V>& by, const AdamMoments<V>& moments, V weight) {
  return sub(weight, div(mul(by.learning_rate, moments.mean), add(sqrt_of(moments.variance), by.epsilon)));
}

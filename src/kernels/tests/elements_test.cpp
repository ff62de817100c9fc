#include <gtest/gtest.h>

#include <cmath>

#include "heed/kernels/elementwise.h"
#include "heed/kernels/gru.h"
#include "heed/kernels/lstm.h"
#include "heed/kernels/optimizers.h"
#include "values.h"

// The arithmetic of elements serves a backend of plain floats as it serves vectors.
namespace heed {
namespace {
namespace plain {

float add(float a, float b) { return a + b; }
float sub(float a, float b) { return a - b; }
float mul(float a, float b) { return a * b; }
float div(float a, float b) { return a / b; }
float mul_add(float a, float b, float c) { return std::fma(a, b, c); }
float neg_mul_add(float a, float b, float c) { return std::fma(-a, b, c); }
float sqrt_of(float x) { return std::sqrt(x); }
float tanh_of(float x) { return std::tanh(x); }
float sigmoid_of(float x) { return 1.0F / (1.0F + std::exp(-x)); }
float one_like(float) { return 1.0F; }
#define HEED_ELEMENT
#include "elements-inl.h"

}  // namespace plain

TEST(Elements, ServePlainFloats) {
  const Values x = random_values(7, 1);
  Values y = random_values(1, 2);
  tanh_backward(&x[0], &x[1], y.data(), 1);
  EXPECT_NEAR(y[0], plain::add_tanh_gradient(x[0], x[1], random_values(1, 2)[0]), 1e-6F);
  const float sum = y[0];
  sigmoid_backward(&x[0], &x[1], y.data(), 1);
  EXPECT_NEAR(y[0], plain::add_sigmoid_gradient(x[0], x[1], sum), 1e-6F);
}

TEST(Elements, AnLstmCellOfPlainFloats) {
  const Values sums = random_values(4, 3);
  const Values bias(4, 0.0F);
  Values gates = sums;
  Values previous = random_values(1, 4);
  Values cell(1);
  Values hidden(1);
  lstm_forward({matrix(gates, 1, 4), bias.data(), matrix(previous, 1, 1), matrix(cell, 1, 1), matrix(hidden, 1, 1)});
  const auto of = plain::lstm_gates<float>({sums[0], sums[1], sums[2], sums[3]});
  const float c = plain::mul_add(of.f, previous[0], plain::lstm_new_cell(of));
  EXPECT_NEAR(cell[0], c, 1e-6F);
  EXPECT_NEAR(hidden[0], plain::lstm_hidden(of.o, c), 1e-6F);

  Values dh = random_values(1, 5);
  Values dc = random_values(1, 6);
  Values d_previous(1, 0.0F);
  const float total = plain::lstm_cell_gradient(dh[0], of.o, std::tanh(c), dc[0]);
  lstm_backward({matrix(gates, 1, 4), matrix(cell, 1, 1), matrix(previous, 1, 1), matrix(dh, 1, 1), matrix(dc, 1, 1),
                 matrix(d_previous, 1, 1)});
  EXPECT_NEAR(d_previous[0], total * of.f, 1e-6F);
  EXPECT_NEAR(gates[2], plain::through_tanh(total * of.i, of.g), 1e-6F);
}

TEST(Elements, AGruCellOfPlainFloats) {
  const Values sums = random_values(3, 7);
  const Values bias(3, 0.0F);
  Values gates = sums;
  Values recurrent = random_values(3, 8);
  const Values u = recurrent;
  Values previous = random_values(1, 9);
  Values hidden(1);
  gru_forward({matrix(gates, 1, 3), bias.data(), matrix(recurrent, 1, 3), bias.data(), matrix(previous, 1, 1),
               matrix(hidden, 1, 1)});
  const float r = plain::sigmoid_of(sums[0] + u[0]);
  const float z = plain::sigmoid_of(sums[1] + u[1]);
  const float n = plain::gru_candidate(r, u[2], sums[2]);
  EXPECT_NEAR(hidden[0], plain::mul_add(z, previous[0], plain::gru_new_hidden(z, n)), 1e-6F);
  EXPECT_NEAR(plain::gru_candidate_gradient(1.0F, z, n), (1 - z) * (1 - n * n), 1e-6F);
}

TEST(Elements, AnAdamStepOfPlainFloats) {
  const StepFactors factors{.learning_rate = 0.1F, .gradient_scale = 0.5F};
  const float gradient = 0.7F;
  float mean = 0.3F;
  float variance = 0.2F;
  float weight = 1.5F;
  const plain::AdamNumbers<float> by{0.9F, 1.0F - 0.9F, 0.99F, 1.0F - 0.99F, 0.1F, 1e-8F};
  const auto moments = plain::adam_moments<float>(by, 0.5F * gradient, {mean, variance});
  const float expected = plain::adam_weight(by, moments, weight);
  adam_step(factors, 0.9F, 0.99F, 1e-8F, {&gradient, &weight, &mean, &variance, 1});
  EXPECT_NEAR(mean, moments.mean, 1e-6F);
  EXPECT_NEAR(variance, moments.variance, 1e-6F);
  EXPECT_NEAR(weight, expected, 1e-6F);
}

}  // namespace
}  // namespace heed

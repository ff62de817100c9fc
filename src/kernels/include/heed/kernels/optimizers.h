#pragma once
#include <cstdint>

#include "heed/base/export.h"

// Marked, though not installed, for libheed, which trains.
namespace HEED_ENGINE_API heed {

/// What a step makes of a gradient before it uses it, and of the weight before it changes it:
///   g = clip(gradient_scale * gradient, largest) + l2 * weight;  weight = keep * weight
struct StepFactors {
  float learning_rate = 0;
  float gradient_scale = 1;  ///< from clipping by norm
  float largest = 0;         ///< > 0: g is cut to [-largest, largest], before l2
  float l2 = 0;              ///< weight decay as a part of the loss
  float keep = 1;            ///< decoupled weight decay (Loshchilov and Hutter 2019): 1 - learning_rate * decay
};

/// The arrays of a step, `count` elements each. The moments that an optimizer does not have may be null.
struct StepArrays {
  const float* gradient;
  float* weight;
  float* first;   ///< its first moment
  float* second;  ///< its second one
  std::int64_t count;
};

/// weight -= learning_rate * g
void sgd_step(const StepFactors& factors, const StepArrays& arrays);

/// v = momentum * v + g, weight -= learning_rate * v; Nesterov: learning_rate * (g + momentum * v). v is `first`.
void momentum_step(const StepFactors& factors, float momentum, bool nesterov, const StepArrays& arrays);

/// Kingma and Ba 2015, algorithm 1, in the form of its section 2: the learning rate of `factors` has the corrections of
/// both moments' bias in it, and epsilon is epsilon * sqrt(1 - beta2^t). first: mean, second: variance.
void adam_step(const StepFactors& factors, float beta1, float beta2, float epsilon, const StepArrays& arrays);

/// Duchi et al. 2011: s += g^2, weight -= learning_rate * g / (sqrt(s) + epsilon). s is `first`.
void adagrad_step(const StepFactors& factors, float epsilon, const StepArrays& arrays);

/// Zeiler 2012, algorithm 1, times the learning rate: s = rho s + (1 - rho) g^2, x = g sqrt(d + epsilon) / sqrt(s +
/// epsilon), d = rho d + (1 - rho) x^2, weight -= learning_rate * x. s is `first`, d `second`.
void adadelta_step(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays);

/// Hinton's lecture 6e: s = rho s + (1 - rho) g^2, weight -= learning_rate * g / (sqrt(s) + epsilon). s is `first`.
void rmsprop_step(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays);

/// average = decay * average + (1 - decay) * weight
void average_step(float decay, const float* weight, float* average, std::int64_t count);

}  // namespace heed

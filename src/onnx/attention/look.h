#pragma once
#include <span>
#include <string>
#include <vector>

#include "exchange.h"
#include "heed/nn/attention.h"

namespace heed::onnx {

/// A mechanism's part in a step, with what it makes of the source once.
struct Look {
  Exchange& exchange;
  const AttentionOptions& options;
  AttentionSizes sizes;
  std::string name;  ///< of its arrays, and what those of its states and remembered values begin with
  Value query;       ///< [B, Hd], in the step
  Value encoded;     ///< [B, S, He], in the encoder

  Graph& g() const { return exchange.step; }
  std::string part(const char* of) const { return name + "." + of; }
  /// A projection of the encoder's states [B, S, width], in the step.
  Value remember(const char* called, const Value& of_encoder, std::int64_t width) const;
  /// A state of `width` numbers for each position ([B, S] for 0), which begins with `first`, in the step.
  Value begin(const char* called, const Value& first, std::int64_t width = 0) const;
  void carry(const char* called, const Value& next) const { exchange.carry(part(called), next); }
  /// In the encoder, [B, S]: zeros, and 1 at the first position alone.
  Value nowhere() const;
  Value at_the_first() const;
};

/// Weights [B, S] of a mechanism.
using Weights = Value(const Look& look);
Weights additive, normed_additive, luong_dot, scaled_dot, luong_general, luong_scaled, luong_location, luong_local_m,
    luong_local_p, location_sensitive, coverage, coverage_fertility, coverage_neural, monotonic_soft,
    monotonic_chunkwise, first_order;

/// What is under the tanh of an additive score: q W + k V + b, [B, S, A]; of arrays that begin with `name`.
Value additive_pair(const Look& look, const std::string& name);
/// v . tanh(pair), [B, S]
Value additive_scores(const Look& look, const Value& pair, const Value& v);
/// g v / |v|, [1, A]
Value weight_norm(Graph& g, const Value& v, const Value& gain);
/// The weights of scores, by model.attention.normalizer; exactly 0 where `allowed` is false.
Value normalize(const Look& look, const Value& scores, const Value& allowed);
/// The same over whole sentences.
Value normalize(const Look& look, const Value& scores);
/// out[b, j] = sum over d of x[b, j + n - 1 - d, d], x being [B, S + n - 1, n].
Value sum_diagonals(const Look& look, const Value& x, std::int64_t n);

/// A mechanism, or several, as the options have them.
struct Attended {
  Value context;                                ///< [B, context_columns()]
  Value weights;                                ///< [B, S] the mean of all
  std::vector<std::vector<Value>> layers = {};  ///< of each layer, of its heads
};
/// Throws Error for a mechanism without a counterpart in ONNX.
Attended attend(const Look& look);

}  // namespace heed::onnx

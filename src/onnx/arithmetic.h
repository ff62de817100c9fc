#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "graph.h"

// What formulas are made of. Letters: B sentences, S positions; operands are broadcast as NumPy does it.
namespace heed::onnx {

inline constexpr float kMasked = -1e30F;  // a score whose weight is exactly 0

Value add(Graph& g, const Value& a, const Value& b);
Value subtract(Graph& g, const Value& a, const Value& b);
Value multiply(Graph& g, const Value& a, const Value& b);
Value divide(Graph& g, const Value& a, const Value& b);
Value scale(Graph& g, const Value& x, float factor);
Value tanh(Graph& g, const Value& x);
Value sigmoid(Graph& g, const Value& x);
Value where(Graph& g, const Value& condition, const Value& yes, const Value& no);
Value to(Graph& g, const Value& x, Type type);
Value squeeze(Graph& g, const Value& x, std::int64_t axis);
Value unsqueeze(Graph& g, const Value& x, std::int64_t axis);
Value concat(Graph& g, const Values& parts, std::int64_t axis = -1);
/// Equal parts of the last axis.
Values split(Graph& g, const Value& x, int parts);
/// Along an axis, which stays with a size of 1: op is ReduceMax or ReduceMean.
Value reduce(Graph& g, const char* op, const Value& x, std::int64_t axis = -1);
Value sum(Graph& g, const Value& x, std::int64_t axis = -1, bool keeps = true);
Value mean(Graph& g, const Values& all);
/// [first, last) of an axis.
Value slice(Graph& g, const Value& x, std::int64_t first, std::int64_t last, std::int64_t axis, std::int64_t step = 1);
/// Axis `axis` with so many values before and behind; of `axes` axes in all.
struct Padding {
  std::int64_t axis = 0;
  std::int64_t axes = 0;
  std::int64_t before = 0;
  std::int64_t behind = 0;
};
Value pad(Graph& g, const Value& x, const Padding& padding, const Value& value);
/// The size of an axis, [1].
Value size(Graph& g, const Value& x, std::int64_t axis);
/// 0, 1, ... of the size of an axis, as whole numbers [n].
Value places(Graph& g, const Value& x, std::int64_t axis);
/// `value` in as many places as `like` has in its first axes, and `widths` beside.
Value fill(Graph& g, const Value& value, const Value& like, std::int64_t axes, const std::vector<std::int64_t>& widths);

/// x W, by the name of W.
Value linear(Graph& g, const Value& x, const std::string& weight);
Value linear(Graph& g, const Value& x, const std::string& weight, const std::string& bias);
/// gain (x - mean) / deviation, along the last axis.
Value layer_norm(Graph& g, const Value& x, const std::string& gain);
/// Along the last axis.
Value softmax(Graph& g, const Value& x);
/// log(sum(exp(x))) along an axis, which stays with a size of 1.
Value log_sum_exp(Graph& g, const Value& x, std::int64_t axis = -1);
/// log(x), and kMasked of 0.
Value log_or_masked(Graph& g, const Value& x);
/// log(sigmoid(x))
Value log_sigmoid(Graph& g, const Value& x);
/// matrix [B, S, N] times vector [B, N]: [B, S]
Value dot(Graph& g, const Value& matrix, const Value& vector);
/// The sum of values [B, S, N] by weights [B, S]: [B, N]
Value weighted_sum(Graph& g, const Value& weights, const Value& values);

}  // namespace heed::onnx

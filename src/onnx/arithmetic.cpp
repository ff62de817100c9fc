#include "arithmetic.h"

#include "heed/kernels/layer_norm.h"

namespace heed::onnx {

Value add(Graph& g, const Value& a, const Value& b) { return g.op("Add", {a, b}); }
Value subtract(Graph& g, const Value& a, const Value& b) { return g.op("Sub", {a, b}); }
Value multiply(Graph& g, const Value& a, const Value& b) { return g.op("Mul", {a, b}); }
Value divide(Graph& g, const Value& a, const Value& b) { return g.op("Div", {a, b}); }
Value scale(Graph& g, const Value& x, float factor) { return factor == 1 ? x : multiply(g, x, g.number(factor)); }
Value tanh(Graph& g, const Value& x) { return g.op("Tanh", {x}); }
Value sigmoid(Graph& g, const Value& x) { return g.op("Sigmoid", {x}); }

Value where(Graph& g, const Value& condition, const Value& yes, const Value& no) {
  return g.op("Where", {condition, yes, no});
}

Value to(Graph& g, const Value& x, Type type) { return g.op("Cast", {x}, {{"to", static_cast<std::int64_t>(type)}}); }

Value squeeze(Graph& g, const Value& x, std::int64_t axis) { return g.op("Squeeze", {x, g.wholes({axis})}); }
Value unsqueeze(Graph& g, const Value& x, std::int64_t axis) { return g.op("Unsqueeze", {x, g.wholes({axis})}); }

Value concat(Graph& g, const Values& parts, std::int64_t axis) {
  return parts.size() == 1 ? parts.front() : g.op("Concat", parts, {{"axis", axis}});
}

Values split(Graph& g, const Value& x, int parts) {
  return parts == 1 ? Values{x} : g.ops("Split", {x}, parts, {{"axis", std::int64_t{-1}}});
}

Value reduce(Graph& g, const char* op, const Value& x, std::int64_t axis) {
  return g.op(op, {x}, {{"axes", std::vector<std::int64_t>{axis}}});
}

Value sum(Graph& g, const Value& x, std::int64_t axis, bool keeps) {
  return g.op("ReduceSum", {x, g.wholes({axis})}, {{"keepdims", std::int64_t{keeps}}});
}

Value mean(Graph& g, const Values& all) { return all.size() == 1 ? all.front() : g.op("Mean", all); }

Value slice(Graph& g, const Value& x, std::int64_t first, std::int64_t last, std::int64_t axis, std::int64_t step) {
  return g.op("Slice", {x, g.wholes({first}), g.wholes({last}), g.wholes({axis}), g.wholes({step})});
}

Value pad(Graph& g, const Value& x, const Padding& padding, const Value& value) {
  std::vector<std::int64_t> pads(static_cast<std::size_t>(2 * padding.axes), 0);
  pads[static_cast<std::size_t>(padding.axis)] = padding.before;
  pads[static_cast<std::size_t>(padding.axes + padding.axis)] = padding.behind;
  return g.op("Pad", {x, g.wholes(pads), value});
}

Value size(Graph& g, const Value& x, std::int64_t axis) { return slice(g, g.op("Shape", {x}), axis, axis + 1, 0); }

Value places(Graph& g, const Value& x, std::int64_t axis) {
  return g.op("Range", {g.whole(0), squeeze(g, size(g, x, axis), 0), g.whole(1)});
}

Value fill(Graph& g, const Value& value, const Value& like, std::int64_t axes,
           const std::vector<std::int64_t>& widths) {
  Values shape = {slice(g, g.op("Shape", {like}), 0, axes, 0)};
  if (!widths.empty()) shape.push_back(g.wholes(widths));
  return g.op("Expand", {value, concat(g, shape, 0)});
}

Value linear(Graph& g, const Value& x, const std::string& weight) { return g.op("MatMul", {x, g.weight(weight)}); }

Value linear(Graph& g, const Value& x, const std::string& weight, const std::string& bias) {
  return add(g, linear(g, x, weight), g.weight(bias));
}

Value layer_norm(Graph& g, const Value& x, const std::string& gain) {
  const Value centred = subtract(g, x, reduce(g, "ReduceMean", x));
  const Value variance = reduce(g, "ReduceMean", multiply(g, centred, centred));
  const Value deviation = g.op("Sqrt", {add(g, variance, g.number(kLayerNormEpsilon))});
  return multiply(g, divide(g, centred, deviation), g.weight(gain));
}

Value softmax(Graph& g, const Value& x) { return g.op("Softmax", {x}, {{"axis", std::int64_t{-1}}}); }

Value log_sum_exp(Graph& g, const Value& x, std::int64_t axis) {
  const Value largest = reduce(g, "ReduceMax", x, axis);
  return add(g, g.op("Log", {sum(g, g.op("Exp", {subtract(g, x, largest)}), axis)}), largest);
}

Value log_or_masked(Graph& g, const Value& x) {
  const Value zero = g.number(0);
  return where(g, g.op("Greater", {x, zero}), g.op("Log", {x}), g.number(kMasked));
}

Value log_sigmoid(Graph& g, const Value& x) { return g.op("Neg", {g.op("Softplus", {g.op("Neg", {x})})}); }

Value dot(Graph& g, const Value& matrix, const Value& vector) {
  return squeeze(g, g.op("MatMul", {matrix, unsqueeze(g, vector, 2)}), 2);
}

Value weighted_sum(Graph& g, const Value& weights, const Value& values) {
  return squeeze(g, g.op("MatMul", {unsqueeze(g, weights, 1), values}), 1);
}

}  // namespace heed::onnx

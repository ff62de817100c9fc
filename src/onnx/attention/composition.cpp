// The table of mechanisms, and several as one: with heads, side by side, in hops.
#include "arithmetic.h"
#include "attention/look.h"
#include "line_of.h"

namespace heed::onnx {
namespace {

struct MechanismLine {
  const char* name;
  Weights* weights;
};

constexpr const char* kMultiHead = "multi-head";
constexpr MechanismLine kMechanisms[] = {
    {"bahdanau", additive},
    {"bahdanau-normed", normed_additive},
    {"luong-dot", luong_dot},
    {"scaled-dot", scaled_dot},
    {"luong-general", luong_general},
    {"luong-scaled", luong_scaled},
    {"luong-concat", additive},
    {"luong-location", luong_location},
    {"luong-local-m", luong_local_m},
    {"luong-local-p", luong_local_p},
    {"location-sensitive", location_sensitive},
    {"coverage", coverage},
    {"coverage-fertility", coverage_fertility},
    {"coverage-neural", coverage_neural},
    {"monotonic-soft", monotonic_soft},
    {"monotonic-chunkwise", monotonic_chunkwise},
    {"hard-exact", luong_general},
    {"hard-exact-first-order", first_order},
};

Value weights_of(const std::string& name, const Look& look) {
  return line_of(kMechanisms, "attention", name).weights(look);
}

Attended multi_head(const Look& look) {
  Exchange& exchange = look.exchange;
  const std::int64_t width = look.sizes.encoded / look.options.heads;
  Values contexts;
  Values weights;
  for (int h = 0; h < look.options.heads; ++h) {
    const std::string name = fmt::format("{}.head.{}", look.name, h);
    const Look head = {exchange,
                       look.options,
                       {width, width},
                       name + ".score",
                       linear(look.g(), look.query, name + ".query"),
                       linear(exchange.encoder, look.encoded, name + ".key")};
    weights.push_back(weights_of(look.options.score, head));
    const Value values = linear(exchange.encoder, look.encoded, name + ".value");
    contexts.push_back(weighted_sum(
        look.g(), weights.back(), exchange.remember(name + ".values", values, Type::kFloat, {kBatch, kMemory, width})));
  }
  const Value context = linear(look.g(), concat(look.g(), contexts), look.part("output"));
  return {context, mean(look.g(), weights), {weights}};
}

Attended attend_by(const std::string& kind, const Look& look) {
  if (kind == kMultiHead) return multi_head(look);
  const Value weights = weights_of(kind, look);
  return {weighted_sum(look.g(), weights, look.exchange.values), weights, {{weights}}};
}

/// What several give together, but for their context.
class Together {
 public:
  void add(const Attended& one) {
    weights_.push_back(one.weights);
    layers_.insert(layers_.end(), one.layers.begin(), one.layers.end());
  }
  Attended with(Graph& g, const Value& context) const { return {context, mean(g, weights_), layers_}; }

 private:
  Values weights_;
  std::vector<std::vector<Value>> layers_;
};

Attended side_by_side(const Look& look) {
  Graph& g = look.g();
  const auto kinds = kinds_of(look.options);
  if (kinds.size() == 1) return attend_by(kinds.front()->name, look);
  Together all;
  Values contexts;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    Look part = look;
    part.name = fmt::format("{}.{}", look.name, i);
    const Attended one = attend_by(kinds[i]->name, part);
    all.add(one);
    const std::string gate = fmt::format("{}.gate.{}", look.name, i);
    contexts.push_back(
        look.options.gates_contexts()
            ? multiply(g, sigmoid(g, linear(g, look.query, gate + ".weight", gate + ".bias")), one.context)
            : one.context);
  }
  return all.with(g, look.options.gates_contexts() ? g.op("Sum", contexts) : concat(g, contexts));
}

}  // namespace

Attended attend(const Look& look) {
  if (look.options.hops == 1) return side_by_side(look);
  Graph& g = look.g();
  Together all;
  Look hop = look;
  Value context;
  for (int k = 0; k < look.options.hops; ++k) {
    if (k > 0) {
      const std::string next = fmt::format("{}.next.{}", look.name, k - 1);
      const Value asked = linear(g, hop.query, next + ".query", next + ".bias");
      hop.query = tanh(g, add(g, linear(g, context, next + ".context"), asked));
    }
    hop.name = fmt::format("{}.hop.{}", look.name, k);
    const Attended one = side_by_side(hop);
    context = one.context;
    all.add(one);
  }
  return all.with(g, context);
}

}  // namespace heed::onnx

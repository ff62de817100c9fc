// Mechanisms that depend on the weights of the steps before: docs/attention-recurrent.md has their equations.
#include "arithmetic.h"
#include "attention/look.h"
#include "heed/kernels/coverage.h"
#include "heed/nn/attention_constants.h"

namespace heed::onnx {
namespace {

Value scores_with(const Look& look, const Value& more) {
  const Value pair = add(look.g(), additive_pair(look, look.name), more);
  return additive_scores(look, pair, look.g().weight(look.part("v")));
}

/// Of a coverage [B, S]: c_j w_c, [B, S, A]
Value covered_scores(const Look& look, const Value& coverage) {
  Graph& g = look.g();
  return scores_with(look, multiply(g, unsqueeze(g, coverage, 2), g.weight(look.part("coverage"))));
}

}  // namespace

Value location_sensitive(const Look& look) {
  Graph& g = look.g();
  const Value before = look.begin("weights", look.nowhere());
  // [width, filters] as the convolution reads it: [filters, 1, width]
  const Value filters = unsqueeze(g, g.op("Transpose", {g.weight(look.part("filters"))}), 1);
  const std::int64_t half = (look.options.filter_width - 1) / 2;
  const Value seen =
      g.op("Conv", {unsqueeze(g, before, 1), filters}, {{"pads", std::vector<std::int64_t>{half, half}}});
  const Value features = g.op("Transpose", {seen}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});  // [B, S, filters]
  Value weights = normalize(look, scores_with(look, linear(g, features, look.part("location"))));
  look.carry("weights", weights);
  return weights;
}

Value coverage(const Look& look) {
  const Value before = look.begin("covered", look.nowhere());
  Value weights = normalize(look, covered_scores(look, before));
  look.carry("covered", add(look.g(), before, weights));
  return weights;
}

/// What a weight adds to the coverage is divided by 2 sigmoid(h_j U), of which the inverse is kept.
Value coverage_fertility(const Look& look) {
  Graph& e = look.exchange.encoder;
  Graph& g = look.g();
  const Value x = squeeze(e, linear(e, look.encoded, look.part("fertility")), 2);
  const Value negative = e.op("Min", {e.op("Neg", {x}), e.number(-kLeastFertile)});
  const Value inverse = scale(e, add(e, e.op("Exp", {negative}), e.number(1)), 1 / kLargestFertility);
  const Value share = look.exchange.remember(look.part("share"), inverse, Type::kFloat, {kBatch, kMemory});
  const Value before = look.begin("covered", look.nowhere());
  Value weights = normalize(look, covered_scores(look, before));
  look.carry("covered", add(g, before, multiply(g, weights, share)));
  return weights;
}

Value coverage_neural(const Look& look) {
  Graph& e = look.exchange.encoder;
  Graph& g = look.g();
  const std::int64_t values = look.options.filters;
  const Value zeros = fill(e, e.number(0), look.exchange.inside, 2, {values});
  const Value before = look.begin("covered", zeros, values);
  Value weights = normalize(look, scores_with(look, linear(g, before, look.part("coverage"))));
  const Value of_position = linear(e, look.encoded, look.part("update.key"), look.part("update.bias"));
  const Value of_query = unsqueeze(g, linear(g, look.query, look.part("update.query")), 1);
  const Value of_weight = multiply(g, unsqueeze(g, weights, 2), g.weight(look.part("update.weight")));
  const Value known = add(g, look.remember("update.keys", of_position, 3 * values), of_query);
  const Values x = split(g, add(g, known, of_weight), 3);
  const Values recurrent = split(g, g.weight(look.part("update.recurrent")), 3);
  const auto gate = [&](std::size_t i, const Value& read) {
    return add(g, x[i], g.op("MatMul", {read, recurrent[i]}));
  };
  const Value update = sigmoid(g, gate(0, before));
  const Value reset = sigmoid(g, gate(1, before));
  const Value candidate = tanh(g, gate(2, multiply(g, reset, before)));
  look.carry("covered", add(g, before, multiply(g, update, subtract(g, candidate, before))));
  return weights;
}

}  // namespace heed::onnx

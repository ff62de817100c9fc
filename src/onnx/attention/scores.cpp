// Mechanisms whose weights depend on the query and the source alone: docs/attention.md has their equations.
#include <cmath>

#include "arithmetic.h"
#include "attention/look.h"
#include "heed/nn/attention_constants.h"

namespace heed::onnx {
namespace {

/// q . k, the keys being the encoder's states.
Value dot_scores(const Look& look) {
  const bool whole = look.encoded.name == look.exchange.states_read.name;  // which are there already
  const Value keys = whole ? look.exchange.values : look.remember("keys", look.encoded, look.sizes.encoded);
  return dot(look.g(), keys, look.query);
}

/// q . (k W) / d, d = sqrt(Hd He) / 32; `gain`: an array that they are multiplied with.
Value bilinear_scores(const Look& look, const char* gain = nullptr) {
  Graph& e = look.exchange.encoder;
  Value keys = linear(e, look.encoded, look.part("key"));
  if (gain != nullptr) keys = multiply(e, keys, e.weight(look.part(gain)));
  Value scores = dot(look.g(), look.remember("keys", keys, look.sizes.query), look.query);
  if (!look.options.divides_scores()) return scores;
  return scale(look.g(), scores,
               kUndividedWidth / std::sqrt(static_cast<float>(look.sizes.query * look.sizes.encoded)));
}

/// Positions at most model.attention.window from a centre [B, 1].
Value in_window(const Look& look, const Value& centre) {
  Graph& g = look.g();
  const Value width = g.number(static_cast<float>(look.options.window));
  const Value from = g.op("GreaterOrEqual", {look.exchange.step_places, subtract(g, centre, width)});
  const Value up_to = g.op("LessOrEqual", {look.exchange.step_places, add(g, centre, width)});
  return g.op("And", {look.exchange.step_inside, g.op("And", {from, up_to})});
}

}  // namespace

Value additive_pair(const Look& look, const std::string& name) {
  Graph& e = look.exchange.encoder;
  const Value keys = linear(e, look.encoded, name + ".key", name + ".bias");
  const Value known = look.exchange.remember(name + ".keys", keys, Type::kFloat, {kBatch, kMemory, look.sizes.query});
  return add(look.g(), known, unsqueeze(look.g(), linear(look.g(), look.query, name + ".query"), 1));
}

Value additive_scores(const Look& look, const Value& pair, const Value& v) {
  Graph& g = look.g();
  return squeeze(g, g.op("MatMul", {tanh(g, pair), g.op("Transpose", {v})}), 2);
}

Value weight_norm(Graph& g, const Value& v, const Value& gain) {
  const Value length = g.op("Sqrt", {sum(g, multiply(g, v, v))});
  return divide(g, multiply(g, v, gain), length);
}

Value additive(const Look& look) {
  const Value v = look.g().weight(look.part("v"));
  return normalize(look, additive_scores(look, additive_pair(look, look.name), v));
}

Value normed_additive(const Look& look) {
  Graph& g = look.g();
  const Value v = weight_norm(g, g.weight(look.part("v")), g.weight(look.part("gain")));
  return normalize(look, additive_scores(look, additive_pair(look, look.name), v));
}

Value luong_dot(const Look& look) { return normalize(look, dot_scores(look)); }

Value scaled_dot(const Look& look) {
  const float factor = 1.0F / std::sqrt(static_cast<float>(look.sizes.query));
  return normalize(look, scale(look.g(), dot_scores(look), factor));
}

Value luong_general(const Look& look) { return normalize(look, bilinear_scores(look)); }

Value luong_scaled(const Look& look) { return normalize(look, bilinear_scores(look, "scale")); }

/// Positions from model.attention.positions on have no weight.
Value luong_location(const Look& look) {
  Graph& g = look.g();
  const std::int64_t positions = look.options.positions;
  const Value known = linear(g, look.query, look.part("positions"));  // [B, positions]
  const Value beyond = fill(g, g.number(kMasked), look.exchange.step_inside, 2, {});
  const Value wide = concat(g, {known, beyond});
  return normalize(look, g.op("Slice", {wide, g.wholes({0}), size(g, look.exchange.step_inside, 1), g.wholes({1})}),
                   g.op("And", {look.exchange.step_inside,
                                g.op("Less", {look.exchange.step_places, g.number(static_cast<float>(positions))})}));
}

Value luong_local_m(const Look& look) {
  Graph& g = look.g();
  const Value first = fill(look.exchange.encoder, look.exchange.encoder.number(0), look.exchange.inside, 1, {1});
  const Value t = look.exchange.begin(look.part("time"), first, {kBatch, std::int64_t{1}});
  look.carry("time", add(g, t, g.number(1)));
  const Value centre = g.op("Min", {t, subtract(g, look.exchange.step_lengths, g.number(1))});
  return normalize(look, bilinear_scores(look), in_window(look, centre));
}

Value luong_local_p(const Look& look) {
  Graph& g = look.g();
  const Value share = sigmoid(g, linear(g, tanh(g, linear(g, look.query, look.part("position"))), look.part("v")));
  const Value centre = multiply(g, share, look.exchange.step_lengths);
  const Value distance = subtract(g, look.exchange.step_places, centre);
  const float deviation = static_cast<float>(look.options.window) / 2;
  const Value gaussian = scale(g, multiply(g, distance, distance), -0.5F / (deviation * deviation));
  return normalize(look, add(g, bilinear_scores(look), gaussian), in_window(look, centre));
}

}  // namespace heed::onnx

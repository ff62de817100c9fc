// Mechanisms that go on from where they stood: monotonic ones (docs/attention-recurrent.md), and jumps of exact hard
// attention (docs/hard-attention.md).
#include "arithmetic.h"
#include "attention/look.h"

namespace heed::onnx {
namespace {

/// Raffel et al. 2017, equation 9: q_s = (1 - p_(s-1)) q_(s-1) + before_s is the probability of reaching s, and p_s q_s
/// that of stopping there. Of decisions, p 0 or 1, it gives the first position that is chosen.
Value stops(Graph& g, const Value& before, const Value& p) {
  const Value none = fill(g, g.number(0), p, 1, {});
  return g
      .scan({none}, {before, p}, false,
            [](Graph& body, const Values& states, const Values& inputs) {
              const Value reached = add(body, states.front(), inputs[0]);
              const Value passed = multiply(body, reached, subtract(body, body.number(1), inputs[1]));
              return std::pair{Values{passed}, Values{multiply(body, reached, inputs[1])}};
            })
      .outputs.front();
}

/// Of each position of x [B, S] those from `first` to `last` beside it: [S, last - first + 1]
Value neighbours(Graph& g, const Value& x, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> distances;
  for (std::int64_t d = first; d <= last; ++d) distances.push_back(d);
  return add(g, unsqueeze(g, places(g, x, 1), 1), g.wholes(distances));
}

Value alignment(const Look& look) {
  Graph& g = look.g();
  const Value v = weight_norm(g, g.weight(look.part("v")), g.weight(look.part("scale")));
  const Value scores = add(g, additive_scores(look, additive_pair(look, look.name), v), g.weight(look.part("offset")));
  const Value p = look.options.hard ? to(g, g.op("Greater", {scores, g.number(0)}), Type::kFloat) : sigmoid(g, scores);
  const Value before = look.begin("alignment", look.at_the_first());
  Value out = stops(g, before, where(g, look.exchange.step_inside, p, g.number(0)));
  look.carry("alignment", out);
  return out;
}

}  // namespace

Value monotonic_soft(const Look& look) { return alignment(look); }

Value monotonic_chunkwise(const Look& look) {
  Graph& g = look.g();
  const std::int64_t chunk = look.options.chunk;
  const Value stopped = alignment(look);
  const std::string name = look.part("chunk");
  const Value scores = additive_scores(look, additive_pair(look, name), g.weight(name + ".v"));
  // Of each position the scores of those that end with it: [B, S, chunk]
  const Value padded = pad(g, scores, {.axis = 1, .axes = 2, .before = chunk - 1}, g.number(kMasked));
  const Value chunks = g.op("Gather", {padded, neighbours(g, scores, 0, chunk - 1)}, {{"axis", std::int64_t{1}}});
  const Value shares = softmax(g, chunks);
  const Value given = multiply(g, unsqueeze(g, stopped, 2), shares);
  return sum_diagonals(look, pad(g, given, {.axis = 1, .axes = 3, .behind = chunk - 1}, g.number(0)), chunk);
}

/// From position i by d = -D .. D, of those that stay in the sentence, with softmax over d of (q W + h_i V + b)_d. What
/// it goes on from is told by the output, which knows the token (output.cpp).
Value first_order(const Look& look) {
  Graph& e = look.exchange.encoder;
  Graph& g = look.g();
  const std::int64_t most = look.options.window;
  const std::int64_t jumps = 2 * most + 1;
  const Value keys = linear(e, look.encoded, look.part("key"), look.part("bias"));
  const Value scores =
      add(g, look.remember("keys", keys, jumps), unsqueeze(g, linear(g, look.query, look.part("query")), 1));
  const Value target = to(g, neighbours(g, look.exchange.step_inside, -most, most), Type::kFloat);  // [S, jumps]
  const Value lengths = unsqueeze(g, look.exchange.step_lengths, 2);
  const Value stays = g.op("And", {g.op("GreaterOrEqual", {target, g.number(0)}), g.op("Less", {target, lengths})});
  const Value p = softmax(g, where(g, stays, scores, g.number(kMasked)));
  const Value stood = look.exchange.posterior;
  const Value reached = multiply(g, unsqueeze(g, stood, 2), p);
  return sum_diagonals(look, pad(g, reached, {.axis = 1, .axes = 3, .before = most, .behind = most}, g.number(0)),
                       jumps);
}

}  // namespace heed::onnx

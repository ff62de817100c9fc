#include "output.h"

#include "arithmetic.h"
#include "heed/autograd/least_weight.h"
#include "heed/model/array_names.h"
#include "heed/text/vocabulary.h"
#include "line_of.h"

namespace heed::onnx {
namespace {

constexpr const char* kPositions = "memory.positions";
constexpr const char* kLogProbabilities = "log_probabilities";
constexpr const char* kOutput = "output";
// States of exact hard attention of the first order.
constexpr const char* kPrior = "output.prior";
constexpr const char* kRest = "output.rest";
constexpr const char* kLogSum = "output.log_sum";

/// W of the output layer, [O, V].
Value output_weight(Exchange& exchange) {
  Graph& g = exchange.step;
  return exchange.options.ties_target() ? g.op("Transpose", {g.weight(kTargetEmbedding)}) : g.weight(kGeneratorWeight);
}

Value logits(Exchange& exchange, const Value& x) {
  Graph& g = exchange.step;
  return add(g, g.op("MatMul", {x, output_weight(exchange)}), g.weight(kGeneratorBias));
}

Value log_softmax(Graph& g, const Value& x) { return g.op("LogSoftmax", {x}, {{"axis", std::int64_t{-1}}}); }

Value softmax(Exchange& exchange, const Stepped& step) {
  return log_softmax(exchange.step, logits(exchange, step.attentional));
}

/// See et al. 2017: p_gen softmax(h~ W + b)(y) + (1 - p_gen) * (attention to the positions with y), as logarithms.
Value pointer_generator(Exchange& exchange, const Stepped& step) {
  Graph& g = exchange.step;
  const Value copies = g.input("copies", Type::kInt64, {kBatch, kMemory});
  const Value gate =
      add(g, linear(g, step.context, "copy.context"),
          add(g, linear(g, step.hidden, "copy.hidden"), linear(g, step.embedded, "copy.embedding", "copy.bias")));
  const Value generated = add(g, softmax(exchange, step), log_sigmoid(g, gate));
  const Value vocabulary = g.wholes({exchange.decoder.vocabulary()});
  const Value ids = add(g, g.op("ReduceMax", {copies}, {{"keepdims", std::int64_t{0}}}), g.whole(1));
  const Value columns = g.op("Max", {unsqueeze(g, ids, 0), vocabulary});
  const Value none = g.op("Expand", {g.number(0), concat(g, {size(g, copies, 0), columns}, 0)});
  const Value weights = g.op("Max", {mean_weights(g, step), g.number(kLeastWeight)});
  const Value copied = g.op("ScatterElements", {none, copies, where(g, exchange.step_inside, weights, g.number(0))},
                            {{"axis", std::int64_t{1}}, {"reduction", "add"}});
  const Value pointed = add(g, log_or_masked(g, copied), log_sigmoid(g, g.op("Neg", {gate})));
  const Value own = subtract(g, columns, vocabulary);
  const Value all = g.op("Pad", {generated, concat(g, {g.wholes({0, 0, 0}), own}, 0), g.number(kMasked)});
  return squeeze(g, log_sum_exp(g, concat(g, {unsqueeze(g, all, 2), unsqueeze(g, pointed, 2)})), 2);
}

/// What each position adds under the tanh of h~: [B, S, O], in the step.
Value positions(Exchange& exchange) {
  const Value terms = linear(exchange.encoder, exchange.states_read, std::string(kOutput) + ".context");
  return exchange.remember(kPositions, terms, Type::kFloat,
                           {kBatch, kMemory, std::int64_t{exchange.options.output_columns()}});
}

struct OfPositions {
  Value rest;     // [B, O] the part under the tanh that is of no position
  Value logits;   // [B, S, V]
  Value log_sum;  // [B, S, 1]
};

OfPositions of_positions(Exchange& exchange, const Stepped& step, const Value& terms) {
  Graph& g = exchange.step;
  OfPositions out;
  out.rest = without_context(g, kOutput, step.top, step.embedded);
  out.logits = logits(exchange, tanh(g, add(g, unsqueeze(g, out.rest, 1), terms)));
  out.log_sum = log_sum_exp(g, out.logits);
  return out;
}

/// log of the sum over positions of weight * probability, [B, V].
Value marginal(Graph& g, const Value& weights, const OfPositions& of) {
  const Value weight = unsqueeze(g, log_or_masked(g, weights), 2);
  return squeeze(g, log_sum_exp(g, add(g, of.logits, subtract(g, weight, of.log_sum)), 1), 1);
}

Value hard_exact(Exchange& exchange, const Stepped& step) {
  return marginal(exchange.step, mean_weights(exchange.step, step), of_positions(exchange, step, positions(exchange)));
}

Value hard_exact_first_order(Exchange& exchange, const Stepped& step) {
  Graph& g = exchange.step;
  const Value weights = mean_weights(g, step);
  const OfPositions of = of_positions(exchange, step, {kPositions});
  exchange.carry(kPrior, weights);
  exchange.carry(kRest, of.rest);
  exchange.carry(kLogSum, squeeze(g, of.log_sum, 2));
  return marginal(g, weights, of);
}

/// Where it stood, now that the token is known (Bayes' rule): the first step stands at the first position.
void begin_first_order(Exchange& exchange, const Stepped& step) {
  Graph& e = exchange.encoder;
  Graph& g = exchange.step;
  const std::int64_t width = exchange.options.output_columns();
  const Look look{exchange, exchange.options.attention, {}, kOutput, {}, {}};
  const Value prior = exchange.begin(kPrior, look.at_the_first(), {kBatch, kMemory});
  const Value rest = exchange.begin(kRest, fill(e, e.number(0), exchange.inside, 1, {width}), {kBatch, width});
  const Value log_sum = exchange.begin(kLogSum, look.nowhere(), {kBatch, kMemory});
  const Value states = tanh(g, add(g, unsqueeze(g, rest, 1), positions(exchange)));
  const Value of_token = g.op("Gather", {g.op("Transpose", {output_weight(exchange)}), step.token});  // [B, O]
  const Value bias = g.op("Gather", {squeeze(g, g.weight(kGeneratorBias), 0), step.token});
  const Value likelihood = subtract(g, add(g, dot(g, states, of_token), unsqueeze(g, bias, 1)), log_sum);
  exchange.posterior = onnx::softmax(g, add(g, log_or_masked(g, prior), likelihood));
}

struct OutputLine {
  const char* name;
  Value (*log_probabilities)(Exchange& exchange, const Stepped& step);
  void (*begin)(Exchange& exchange, const Stepped& step) = nullptr;
};

constexpr OutputLine kOutputs[] = {
    {"softmax", softmax},
    {"pointer-generator", pointer_generator},
    {"hard-exact", hard_exact},
    {"hard-exact-first-order", hard_exact_first_order, begin_first_order},
};

const OutputLine& find(const ModelOptions& options) { return line_of(kOutputs, "output", output_kind(options).name); }

/// Of a pyramid each state's weight in equal parts on the tokens that it covers (spread_attention()).
class TokenWeights {
 public:
  explicit TokenWeights(Exchange& exchange) : g_(exchange.step) {
    const std::int64_t covered = std::int64_t{1} << exchange.options.encoder_pyramid;
    if (covered == 1) return;
    Graph& e = exchange.encoder;
    const Value state = e.op("Div", {places(e, exchange.tokens_inside, 1), e.whole(covered)});
    const Value first = to(e, multiply(e, state, e.whole(covered)), Type::kFloat);
    const Value left = subtract(e, sum(e, exchange.tokens_inside), first);
    // Beyond a sentence nothing is left, and nothing is given.
    const Value most = e.number(static_cast<float>(covered));
    const Value count = e.op("Max", {e.op("Min", {left, most}), e.number(1)});
    state_ = exchange.remember("memory.state_of_token", state, Type::kInt64, {kSource});
    share_ = exchange.remember("memory.share_of_token", divide(e, exchange.tokens_inside, count), Type::kFloat,
                               {kBatch, kSource});
  }
  Value operator()(const Value& weights) const {
    if (state_.empty()) return weights;
    return multiply(g_, g_.op("Gather", {weights, state_}, {{"axis", std::int64_t{1}}}), share_);
  }

 private:
  Graph& g_;
  Value state_;
  Value share_;
};

}  // namespace

Value known_token(Exchange& exchange, const Value& token) {
  if (!exchange.options.copies()) return token;
  Graph& g = exchange.step;
  return where(g, g.op("Less", {token, g.whole(exchange.decoder.vocabulary())}), token, g.whole(Vocabulary::kUnknown));
}

void begin_output(Exchange& exchange, const Stepped& step) {
  const OutputLine& kind = find(exchange.options);
  if (kind.begin != nullptr) kind.begin(exchange, step);
}

void add_output(Exchange& exchange, const Stepped& step) {
  const Dimension columns =
      exchange.options.copies() ? Dimension("vocabulary") : Dimension(std::int64_t{exchange.decoder.vocabulary()});
  exchange.step.output(kLogProbabilities, find(exchange.options).log_probabilities(exchange, step), Type::kFloat,
                       {kBatch, columns});
}

std::vector<std::vector<std::string>> add_attention(Exchange& exchange, const Stepped& step) {
  std::vector<std::vector<std::string>> out;
  const Value mean = mean_weights(exchange.step, step);
  if (mean.empty()) return out;
  const TokenWeights of_tokens(exchange);
  const auto add = [&](const std::string& name, const Value& weights) {
    exchange.step.output(name, of_tokens(weights), Type::kFloat, {kBatch, kSource});
  };
  add("attention", mean);
  std::vector<std::vector<Value>> layers;
  for (const Attended& each : step.attended) layers.insert(layers.end(), each.layers.begin(), each.layers.end());
  if (layers.size() == 1 && layers.front().size() == 1) return out;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    std::vector<std::string>& names = out.emplace_back();
    for (std::size_t h = 0; h < layers[l].size(); ++h) {
      add(names.emplace_back(fmt::format("attention.{}.{}", l, h)), layers[l][h]);
    }
  }
  return out;
}

}  // namespace heed::onnx

// Scores to weights. What gets no weight is far below the others, and stays so.
#include "arithmetic.h"
#include "attention/look.h"
#include "line_of.h"

namespace heed::onnx {
namespace {

/// Scores in descending order, with the sums of the first k of them.
struct Sorted {
  Value z;       // [B, S]
  Value counts;  // [S] k = 1, 2, ...
  Value sums;    // [B, S]

  Sorted(Graph& g, const Value& scores) {
    z = g.ops("TopK", {scores, size(g, scores, 1)}, 2).front();
    counts = to(g, add(g, places(g, scores, 1), g.whole(1)), Type::kFloat);
    sums = running(g, z);
  }
  static Value running(Graph& g, const Value& x) { return g.op("CumSum", {x, g.whole(1)}); }
};

/// Less the largest. Positions that score so much less have no weight, how much ever it is.
Value below_the_largest(Graph& g, const Value& z) {
  constexpr float kFar = -64;
  return g.op("Max", {subtract(g, z, reduce(g, "ReduceMax", z)), g.number(kFar)});
}

Value relu(Graph& g, const Value& x) { return g.op("Relu", {x}); }

/// Martins and Astudillo 2016, algorithm 1.
Value sparsemax(Graph& g, const Value& scores) {
  const Value z = below_the_largest(g, scores);
  const Sorted sorted(g, z);
  const Value reached = add(g, multiply(g, sorted.counts, sorted.z), g.number(1));
  const Value support = to(g, g.op("Greater", {reached, sorted.sums}), Type::kFloat);
  const Value total = subtract(g, sum(g, multiply(g, support, sorted.z)), g.number(1));
  return relu(g, subtract(g, z, divide(g, total, sum(g, support))));
}

/// Peters et al. 2019, algorithm 2.
Value entmax15(Graph& g, const Value& scores) {
  const Value x = below_the_largest(g, scale(g, scores, 0.5F));
  const Sorted sorted(g, x);
  const Value mean = divide(g, sorted.sums, sorted.counts);
  const Value squares = Sorted::running(g, multiply(g, sorted.z, sorted.z));
  const Value deviations = subtract(g, squares, multiply(g, mean, sorted.sums));
  const Value left = relu(g, divide(g, subtract(g, g.number(1), deviations), sorted.counts));
  const Value thresholds = subtract(g, mean, g.op("Sqrt", {left}));
  const Value support = to(g, g.op("LessOrEqual", {thresholds, sorted.z}), Type::kInt64);
  const Value last = subtract(g, sum(g, support), g.whole(1));
  const Value threshold = g.op("GatherElements", {thresholds, last}, {{"axis", std::int64_t{1}}});
  const Value root = relu(g, subtract(g, x, threshold));
  return multiply(g, root, root);
}

struct NormalizerLine {
  const char* name;
  Value (*normalize)(Graph& g, const Value& scores);
};

constexpr NormalizerLine kNormalizers[] = {{"softmax", softmax}, {"sparsemax", sparsemax}, {"entmax15", entmax15}};

}  // namespace

Value normalize(const Look& look, const Value& scores, const Value& allowed) {
  const NormalizerLine& kind = line_of(kNormalizers, "normaliser", look.options.normalizer);
  Graph& g = look.g();
  const Value z = scale(g, scores, 1.0F / static_cast<float>(look.options.temperature));
  return kind.normalize(g, where(g, allowed, z, g.number(kMasked)));
}

Value normalize(const Look& look, const Value& scores) { return normalize(look, scores, look.exchange.step_inside); }

}  // namespace heed::onnx

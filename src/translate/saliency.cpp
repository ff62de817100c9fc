#include "saliency.h"

#include <cmath>
#include <functional>
#include <numeric>

#include "heed/base/error.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

/// Some of a pair's prefixes: of the first `first + 1` labels, of one more, and so on.
struct Prefixes {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// As many from `first` on as have `positions` on both sides, one at least.
Prefixes group_from(std::size_t first, const ProbePair& pair, std::size_t positions) {
  Prefixes out{first, 0};
  std::size_t taken = 0;
  do {
    taken += pair.source.positions() + first + ++out.count;
  } while (first + out.count < pair.steps() && taken + pair.source.positions() + 1 + first + out.count <= positions);
  return out;
}

/// Each a sentence of its own with the same source.
SourceBatch copies_of_source(const ProbePair& pair, std::size_t count, const SourceInput& input) {
  const std::vector<std::span<const int>> tokens(count, pair.source.tokens), copies(count, pair.source.copies),
      features(count, pair.source.features);
  SourceIds ids{.tokens = tokens};
  if (!pair.source.copies.empty()) ids.copies = copies;
  if (!pair.source.features.empty()) ids.features = features;
  SourceBatch out;
  pack_sources(ids, input, out);
  return out;
}

TargetBatch targets_of(const ProbePair& pair, const Prefixes& prefixes, int vocabulary, const SourceBatch& source) {
  std::vector<std::vector<int>> targets;
  for (std::size_t i = 0; i < prefixes.count; ++i) {
    targets.emplace_back(pair.labels.begin(), pair.labels.begin() + static_cast<std::ptrdiff_t>(prefixes.first + i));
  }
  TargetBatch out = pack_targets(targets, vocabulary, source);
  // The last label is not EOS, but the token of the step.
  std::size_t row = 0;
  for (std::size_t t = 0; t < out.step_rows.size(); ++t) {
    for (int r = 0; r < out.step_rows[t]; ++r, ++row) {
      const std::size_t last = prefixes.first + static_cast<std::size_t>(out.order[static_cast<std::size_t>(r)]);
      if (last == t) out.labels[row] = pair.labels[t];
    }
  }
  return out;
}

/// sum over e of x_e d log p(prefix) / d x_e, but for the sign: [prefixes][source tokens].
std::vector<std::vector<double>> products_of(const Seq2Seq& model, const ProbePair& pair, const Prefixes& prefixes,
                                             Arena& arena) {
  arena.reset();
  Tape tape(arena, true);
  const SourceBatch source = copies_of_source(pair, prefixes.count, model.encoder().input());
  const TargetBatch target = targets_of(pair, prefixes, model.decoder().vocabulary(), source);
  Variable embedded;
  model.teacher_force(tape, source, target, {.embedded = &embedded});
  tape.backward();
  const Tensor gradient = embedded.gradient();
  std::vector<std::vector<double>> out(prefixes.count);
  for (std::size_t i = 0; i < prefixes.count; ++i) {
    for (std::size_t s = 0; s < pair.source.positions(); ++s) {
      const int row = source.by_sentence[static_cast<std::size_t>(source.offsets[i]) + s];
      const float* derivative = gradient.row(row);
      out[i].push_back(std::inner_product(derivative, derivative + gradient.columns, embedded.value().row(row), 0.0,
                                          std::plus<>(), [](float a, float b) { return static_cast<double>(a) * b; }));
    }
  }
  return out;
}

}  // namespace

std::unique_ptr<const Seq2Seq> without_dropout(const Bundle& bundle) {
  if (bundle.precision != Precision::kFloat32) {
    throw Error(ErrorKind::kArgument, "gradients need float32 weights: load the model in float32");
  }
  ModelOptions options = bundle.config.model;
  options.dropout = DropoutOptions(0);
  options.attention.dropout = 0;
  const SourceTables tables(options, bundle.source);
  auto out = std::make_unique<Seq2Seq>(options, tables, bundle.model->decoder().vocabulary());
  const auto from = bundle.model->parameters().all();
  const auto to = out->parameters().all();
  for (std::size_t i = 0; i < to.size(); ++i) to[i]->value.refer(from[i]->value.view().data);
  out->parameters().pack(Precision::kFloat32, true);
  return out;
}

AttentionWeights gradient_times_input(const Seq2Seq& model, const ProbePair& pair, Arena& arena,
                                      std::size_t positions) {
  AttentionWeights out;
  std::vector<double> before(pair.source.positions());  // of the prefix without its last token
  while (out.size() < pair.steps()) {
    for (std::vector<double>& products : products_of(model, pair, group_from(out.size(), pair, positions), arena)) {
      std::vector<float>& row = out.emplace_back();
      for (std::size_t s = 0; s < before.size(); ++s)
        row.push_back(static_cast<float>(std::abs(products[s] - before[s])));
      before = std::move(products);
    }
  }
  return out;
}

}  // namespace heed

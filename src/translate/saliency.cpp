#include "saliency.h"

#include <cmath>

#include "heed/base/error.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

/// Target i is the first i + 1 labels, each a sentence of its own with the same source.
TargetBatch prefixes(const ProbePair& pair, int vocabulary, const SourceBatch& source) {
  std::vector<std::vector<int>> targets;
  for (std::size_t i = 0; i < pair.steps(); ++i) {
    targets.emplace_back(pair.labels.begin(), pair.labels.begin() + static_cast<std::ptrdiff_t>(i));
  }
  TargetBatch out = pack_targets(targets, vocabulary, source);
  // The last label is not EOS, but the token of the step.
  std::size_t row = 0;
  for (std::size_t t = 0; t < out.step_rows.size(); ++t) {
    for (int r = 0; r < out.step_rows[t]; ++r, ++row) {
      if (static_cast<std::size_t>(out.order[static_cast<std::size_t>(r)]) == t) out.labels[row] = pair.labels[t];
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

AttentionWeights gradient_times_input(const Seq2Seq& model, const ProbePair& pair, Arena& arena) {
  arena.reset();
  Tape tape(arena, true);
  const std::size_t steps = pair.steps();
  const std::vector<std::span<const int>> tokens(steps, pair.source.tokens), copies(steps, pair.source.copies),
      features(steps, pair.source.features);
  SourceIds ids{.tokens = tokens};
  if (!pair.source.copies.empty()) ids.copies = copies;
  if (!pair.source.features.empty()) ids.features = features;
  SourceBatch source;
  pack_sources(ids, model.encoder().vocabulary(), source);
  const TargetBatch target = prefixes(pair, model.decoder().vocabulary(), source);
  Variable embedded;
  model.teacher_force(tape, source, target, {.embedded = &embedded});
  tape.backward();
  const Tensor gradient = embedded.gradient();
  const std::size_t length = pair.source.tokens.size() + 1;
  AttentionWeights out(steps, std::vector<float>(length));
  for (std::size_t s = 0; s < length; ++s) {
    double before = 0;
    for (std::size_t t = 0; t < steps; ++t) {
      const int row = source.by_sentence[static_cast<std::size_t>(source.offsets[t]) + s];
      double sum = 0;  // of the first t + 1 tokens' log-probabilities
      for (std::int64_t e = 0; e < gradient.columns; ++e) {
        sum += static_cast<double>(gradient.row(row)[e]) * static_cast<double>(embedded.value().row(row)[e]);
      }
      out[t][s] = static_cast<float>(std::abs(sum - before));
      before = sum;
    }
  }
  return out;
}

}  // namespace heed

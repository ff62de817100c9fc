#include "heed/translate/model_scorer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "continuations.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/text/vocabulary.h"

namespace heed {

void ModelScorer::start(std::span<const std::vector<int>> sources) {
  encoded_.reset();
  source_ = pack_sources(sources, model_.encoder().vocabulary());
  Tape tape(encoded_);
  const EncodedBatch encoded = model_.encoder().encode(tape, source_, nullptr);
  memory_ = model_.decoder().prepare(tape, encoded.memory);
  state_ = model_.decoder().start(tape, encoded);
  sentences_.resize(sources.size());
  std::iota(sentences_.begin(), sentences_.end(), 0);
}

StepScores ModelScorer::step(std::span<const int> parents, std::span<const int> tokens) {
  turn_ = 1 - turn_;
  Arena& arena = arenas_[turn_];
  arena.reset();
  Tape tape(arena);
  const Decoder& decoder = model_.decoder();
  const DecoderState before = gather(tape, parents);
  sentences_.swap(previous_sentences_);
  sentences_.clear();
  for (const int parent : parents) sentences_.push_back(previous_sentences_[parent]);
  state_ = decoder.step(tape, decoder.embed(tape, tokens, nullptr), before, memory_, sentences_, nullptr);

  const OutputLayer output = decoder.output();
  const Tensor& hidden = state_.attentional.value();
  const Tensor logits = arena.tensor(hidden.rows, vocabulary_size());
  matmul(hidden, output.weight->forward, logits, Into::kReplace);
  add_bias(output.bias->value.view().data, logits);
  const std::span<float> log_sum = arena.array<float>(parents.size());
  log_sum_exp(logits, log_sum);
  return {logits, log_sum};
}

/// The rows of the last step that go on, each as often as it is named.
DecoderState ModelScorer::gather(Tape& tape, std::span<const int> parents) const {
  DecoderState out;
  for (const LstmState& layer : state_.layers) {
    out.layers.push_back({gather_rows(tape, layer.hidden, parents), gather_rows(tape, layer.cell, parents)});
  }
  if (!state_.attentional.empty()) out.attentional = gather_rows(tape, state_.attentional, parents);
  if (!state_.trace.weights.empty()) out.trace.weights = gather_rows(tape, state_.trace.weights, parents);
  return out;
}

void ModelScorer::advance(std::span<const int> parents, std::span<const int> tokens, int k,
                          std::vector<Continuation>& out) {
  const StepScores scores = step(parents, tokens);
  out.resize(parents.size() * static_cast<std::size_t>(k));
  for (std::size_t r = 0; r < parents.size(); ++r) {
    float* row = scores.logits.row(static_cast<std::int64_t>(r));
    const std::span<float> logits(row, static_cast<std::size_t>(scores.logits.columns));
    const auto first = r * static_cast<std::size_t>(k);
    best_continuations(logits, scores.log_sum[r], std::span(out).subspan(first, static_cast<std::size_t>(k)));
  }
}

std::span<const float> ModelScorer::attention(int row) const {
  if (state_.trace.weights.empty()) return {};
  const auto length = static_cast<std::size_t>(source_.lengths[sentences_[row]]);
  return {state_.trace.weights.value().row(row), length};
}

}  // namespace heed

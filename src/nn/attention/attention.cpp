// What mechanisms have in common.
#include "heed/nn/attention.h"

#include "heed/autograd/checks.h"

namespace heed {

AttentionMemory Attention::prepare(Tape& tape, const Encoded& encoded) const {
  const SourceMatrix states = source_matrix(tape, encoded.states, encoded.sentences);
  return {states, states};
}

ScoreAttention::ScoreAttention(const AttentionSizes& sizes, const AttentionOptions& options)
    : context_columns_(sizes.encoded), normalizer_(options) {}

Variable ScoreAttention::normalize(Tape& tape, const Variable& scores, const AttentionStep& step) const {
  return normalizer_(tape, scores, step.memory.keys.sentences, step.sentence);
}

Attended ScoreAttention::attend(Tape& tape, const AttentionStep& step) const {
  ArgumentCheck("attend").shape("values", step.memory.values.rows, ArgumentCheck::kAny, context_columns_);
  Attended out;
  out.trace.weights = normalize(tape, score(tape, step), step);
  out.context = weighted_sum(tape, out.trace.weights, step.memory.values, step.sentence);
  carry(tape, step, out.trace);
  return out;
}

AttentionTrace gather_rows(Tape& tape, const AttentionTrace& trace, std::span<const int> rows) {
  AttentionTrace out;
  if (!trace.weights.empty()) out.weights = gather_rows(tape, trace.weights, rows);
  out.carried = tape.arena().list<Variable>(trace.carried.size());
  for (std::size_t i = 0; i < trace.carried.size(); ++i) out.carried[i] = gather_rows(tape, trace.carried[i], rows);
  out.parts = tape.arena().list<AttentionTrace>(trace.parts.size());
  for (std::size_t i = 0; i < trace.parts.size(); ++i) out.parts[i] = gather_rows(tape, trace.parts[i], rows);
  out.parts_are_heads = trace.parts_are_heads;
  return out;
}

std::vector<std::vector<Variable>> layers_of(const AttentionTrace& trace) {
  if (trace.parts.empty()) return {{trace.weights}};
  std::vector<std::vector<Variable>> layers;
  if (trace.parts_are_heads) layers.emplace_back();
  for (const AttentionTrace& part : trace.parts) {
    if (trace.parts_are_heads) {
      layers.back().push_back(part.weights);
    } else {
      for (auto& layer : layers_of(part)) layers.push_back(std::move(layer));
    }
  }
  return layers;
}

}  // namespace heed

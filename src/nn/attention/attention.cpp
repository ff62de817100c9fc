// What mechanisms have in common.
#include "heed/nn/attention.h"

#include "heed/autograd/checks.h"

namespace heed {

void AttentionMemory::check_kept(const std::type_info& type) const {
  ArgumentCheck("attend").that(kept_type != nullptr && *kept_type == type, "the memory is of another mechanism");
}

AttentionMemory WeightedAttention::prepare(Tape& tape, const Encoded& encoded) const {
  AttentionMemory memory;
  const Variable keys = this->keys(tape, encoded, memory);
  if (!keys.empty()) memory.keys = source_matrix(tape, keys, encoded.sentences);
  memory.values = source_matrix(tape, encoded.states, encoded.sentences);
  if (keys.empty()) memory.keys = memory.values;
  return memory;
}

Attended WeightedAttention::attend(Tape& tape, const AttentionStep& step) const {
  ArgumentCheck("attend").shape("values", step.memory.values.rows, ArgumentCheck::kAny, context_columns_);
  AttentionStep focused = step;
  focused.focus = focus(tape, step);
  Attended out;
  out.trace.weights = weights(tape, focused, out.trace);
  if (step.change != nullptr) step.change->change(out.trace.weights.value(), focused);
  out.context = sum(tape, focused, dropout(tape, out.trace.weights, dropout_, step.rng));
  carry(tape, focused, out.trace);
  return out;
}

Variable WeightedAttention::sum(Tape& tape, const AttentionStep& step, const Variable& weights) const {
  return weighted_sum(tape, weights, step.memory.values, step.sentence, step.focus.windows);
}

ScoreAttention::ScoreAttention(const AttentionSizes& sizes, const AttentionOptions& options)
    : WeightedAttention(sizes, options), normalizer_(options) {}

Variable ScoreAttention::weights(Tape& tape, const AttentionStep& step, AttentionTrace&) const {
  return normalizer_(tape, score(tape, step), step.memory.keys.sentences, step.sentence, step.focus.windows);
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

#include "heed/model/encoder.h"

#include <algorithm>
#include <array>
#include <optional>

#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {

void check_encoder(const ModelOptions& model) {
  if (model.bidirectional && model.encoder_hidden % 2 != 0) {
    throw UsageError(
        fmt::format("model.encoder.hidden is {}, but a bidirectional encoder gives half of it to each direction: take "
                    "an even number",
                    model.encoder_hidden));
  }
  if (model.encoder_pyramid >= model.encoder_layers) {
    throw UsageError(fmt::format(
        "model.encoder.pyramid is {}, but of {} layer{} (model.encoder.layers) the first joins nothing: take "
        "at most {}, or more layers",
        model.encoder_pyramid, model.encoder_layers, model.encoder_layers == 1 ? "" : "s", model.encoder_layers - 1));
  }
  if (model.encoder_pyramid > 0 && model.attention_source == "all") {
    throw UsageError(
        "model.attention.source is 'all', but the layers of a pyramid (model.encoder.pyramid) differ in length: take "
        "'top'");
  }
}

Encoder::Encoder(const ModelOptions& options, int vocabulary)
    : dropout_(options.dropout),
      all_layers_(options.attention_source == "all"),
      pyramid_(options.encoder_pyramid),
      embedding_(make_embedding("source.embedding", vocabulary, options.embedding)) {
  const int hidden = options.bidirectional ? options.encoder_hidden / 2 : options.encoder_hidden;
  for (int l = 0; l < options.encoder_layers; ++l) {
    const std::string name = "encoder." + std::to_string(l);
    const bool joins = l > 0 && l <= pyramid_;
    const std::int64_t in = l == 0 ? options.embedding : options.encoder_hidden * (joins ? 2 : 1);
    layers_.push_back({make_cell(options.encoder_cell, name + ".forward", in, hidden), nullptr, joins,
                       options.encoder_residual && l > 0 && !joins});
    if (options.bidirectional) {
      layers_.back().backward = make_cell(options.encoder_cell, name + ".backward", in, hidden);
    }
  }
}

EncodedBatch Encoder::encode(Tape& tape, const SourceBatch& source, Rng* rng) const {
  EncodedBatch out;
  std::optional<JoinedSteps> joined;
  const PackedSteps* steps = &source;
  Variable x = embedding(tape, embedding_, source.ids);  // [rows, E], packed by step
  const List<Variable> outputs = tape.arena().list<Variable>(layers_.size());
  out.final = tape.arena().list<RnnState>(layers_.size());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    if (layer.joins) {
      joined = join_pairs(*steps);
      steps = &joined->steps;
      x = concat_columns(tape, std::array{gather_rows(tape, x, joined->left), gather_rows(tape, x, joined->right)});
    }
    Variable states;
    out.final[l] = run(tape, layer, dropout(tape, x, dropout_, rng), *steps, states);
    x = layer.residual ? add(tape, states, x) : states;
    outputs[l] = x;
  }
  if (all_layers_) x = concat_columns(tape, outputs);
  out.memory = {gather_rows(tape, x, steps->by_sentence), {source.offsets, source.lengths, source.longest}};
  if (joined) {
    out.memory.sentences = {tape.arena().copy(std::span<const int>(steps->offsets)),
                            tape.arena().copy(std::span<const int>(steps->lengths)), steps->longest};
  }
  return out;
}

/// The states of all positions, and those after each sentence's last one (and, backwards, after the first).
RnnState Encoder::run(Tape& tape, const Layer& layer, const Variable& input, const PackedSteps& steps,
                      Variable& states) const {
  const RnnState forward = run_cell(tape, *layer.forward, input, steps.step_rows, false);
  states = forward.hidden;
  const RnnState last = gather_rows(tape, forward, steps.last_row);
  if (layer.backward == nullptr) return last;
  const RnnState backward = run_cell(tape, *layer.backward, input, steps.step_rows, true);
  states = concat_columns(tape, std::array{states, backward.hidden});
  return concat_columns(tape, last, gather_rows(tape, backward, steps.first_row));
}

void Encoder::visit(const ParameterVisitor& visitor) {
  visitor(embedding_);
  for (Layer& layer : layers_) {
    layer.forward->visit(visitor);
    if (layer.backward != nullptr) layer.backward->visit(visitor);
  }
}

void spread_attention(std::span<const float> states, int tokens_per_state, std::span<float> tokens) {
  const auto covered = static_cast<std::size_t>(tokens_per_state);
  for (std::size_t first = 0; first < tokens.size(); first += covered) {
    const std::size_t count = std::min(covered, tokens.size() - first);
    std::fill_n(tokens.begin() + static_cast<std::ptrdiff_t>(first), count,
                states[first / covered] / static_cast<float>(count));
  }
}

}  // namespace heed

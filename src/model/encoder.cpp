#include "heed/model/encoder.h"

#include <algorithm>
#include <array>
#include <vector>

#include "feature_columns.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/model/array_names.h"
#include "repeated_tokens.h"

namespace heed {

void check_encoder(const ModelOptions& model) {
  if (model.both_ways(0) && model.encoder_hidden % 2 != 0) {
    throw UsageError(
        fmt::format("model.encoder.hidden is {}, but a bidirectional encoder gives half of it to each direction: take "
                    "an even number",
                    model.encoder_hidden),
        {.key = "model.encoder.hidden"});
  }
  if (model.encoder_pyramid >= model.encoder_layers) {
    throw UsageError(
        fmt::format("model.encoder.pyramid is {}, but of {} (model.encoder.layers) the first joins nothing: take "
                    "at most {}, or more layers",
                    model.encoder_pyramid, count_of(model.encoder_layers, "layer"), model.encoder_layers - 1),
        {.key = "model.encoder.pyramid"});
  }
  if (model.encoder_pyramid > 0 && model.attends_to_all_layers()) {
    throw UsageError(
        "model.attention.source is 'all', but the layers of a pyramid (model.encoder.pyramid) differ in length: take "
        "'top'",
        {.key = "model.attention.source"});
  }
}

SourceTables::SourceTables(const ModelOptions& options, const TextSide& source)
    : vocabulary(source.vocabulary_size()), end(source.options().end) {
  const std::vector<FeatureOptions> all = source.options().features();
  for (std::size_t f = 0; f < all.size(); ++f) {
    features.push_back({.name = all[f].name,
                        .vocabulary = source.features()[f].size(),
                        .columns = feature_columns(all[f], options),
                        .adds = all[f].adds()});
  }
}

Encoder::Encoder(const ModelOptions& options, const SourceTables& tables, const Parameter* shared)
    : dropout_(options.dropout),
      end_(tables.end),
      all_layers_(options.attends_to_all_layers()),
      pyramid_(options.encoder_pyramid),
      table_(shared) {
  if (shared == nullptr) {
    own_ = make_embedding(kSourceEmbedding, tables.vocabulary, options.source_columns());
    table_ = &*own_;
  }
  std::int64_t embedded = options.source_columns();
  for (const FeatureTable& each : tables.features) {
    features_.push_back({make_embedding(feature_embedding_name(each.name), each.vocabulary, each.columns), each.adds});
    if (!each.adds) embedded += each.columns;
  }
  for (int l = 0; l < options.encoder_layers; ++l) {
    const int hidden = options.direction_hidden(l);
    const bool joins = l > 0 && l <= pyramid_;
    const std::int64_t in = l == 0 ? embedded : std::int64_t{options.encoder_hidden} * (joins ? 2 : 1);
    Layer& layer = layers_.emplace_back();
    layer.joins = joins;
    layer.residual = options.encoder_residual && l > 0 && !joins;
    const std::string& kind = options.encoder_cell;
    layer.forward = make_cell(kind, forward_name(l), in, hidden);
    layer.forward_more = Transitions::make(kind, forward_name(l), hidden, options.encoder_cell_depth);
    if (!options.both_ways(l)) continue;
    layer.backward = make_cell(kind, backward_name(l), in, hidden);
    layer.backward_more = Transitions::make(kind, backward_name(l), hidden, options.encoder_cell_depth);
  }
}

Directions Encoder::input_projection(Tape& tape, std::span<const int> tokens) const {
  const Variable embedded = embedding(tape, *table_, tokens);
  const Layer& first = layers_.front();
  return {first.forward->input_projection(tape, embedded),
          first.backward == nullptr ? Variable() : first.backward->input_projection(tape, embedded)};
}

std::vector<std::int64_t> Encoder::projection_columns() const {
  const Layer& first = layers_.front();
  if (first.backward == nullptr) return {first.forward->columns()};
  return {first.forward->columns(), first.backward->columns()};
}

/// [rows, E], with the columns of the features that stand beside.
Variable Encoder::embed(Tape& tape, const SourceBatch& source, Rng* rng) const {
  Variable tokens = dropout_rows(tape, embedding(tape, *table_, source.ids), dropout_.source_words, rng);
  if (features_.empty()) return tokens;
  if (source.features.size() != features_.size()) {
    throw Error(ErrorKind::kArgument, fmt::format("the model reads {}, but the sources have ids of {}",
                                                  count_of(features_.size(), "feature"), source.features.size()));
  }
  const auto beside = std::count_if(features_.begin(), features_.end(), [](const Feature& each) { return !each.adds; });
  const ArenaList<Variable> parts = tape.arena().list<Variable>(1 + static_cast<std::size_t>(beside));
  std::size_t last = 0;
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const Variable values = embedding(tape, features_[f].table, source.features[f]);
    if (features_[f].adds) {
      tokens = add(tape, tokens, values);
    } else {
      parts[++last] = values;
    }
  }
  parts[0] = tokens;
  return beside == 0 ? tokens : concat_columns(tape, parts);
}

/// Cell::project() of all positions by the first layer, packed by step.
Directions Encoder::project_tokens(Tape& tape, const SourceBatch& source, Rng* rng, Directions projections,
                                   Variable* embedded) const {
  const Layer& first = layers_.front();
  if (embedded != nullptr) {  // a gradient of each place, not of each token
    *embedded = dropout(tape, embed(tape, source, rng), dropout_.source, rng);
    return project(tape, first, *embedded);
  }
  const double dropped = std::max(dropout_.source, dropout_.source_words);
  if (reads_features()) projections = {};
  if (!reads_features() && projections.forward.empty() &&
      repeats_tokens(tape, dropped, vocabulary(), source.ids.size())) {
    projections = input_projection(tape, all_tokens(tape, vocabulary()));
  }
  if (projections.forward.empty()) {
    return project(tape, first, dropout(tape, embed(tape, source, rng), dropout_.source, rng));
  }
  check_ids(*table_, source.ids);
  return {gather_projection(tape, projections.forward, source.ids),
          first.backward == nullptr ? Variable() : gather_projection(tape, projections.backward, source.ids)};
}

Directions Encoder::project(Tape& tape, const Layer& layer, const Variable& x) {
  return {layer.forward->project(tape, x), layer.backward == nullptr ? Variable() : layer.backward->project(tape, x)};
}

EncodedBatch Encoder::encode(Tape& tape, const SourceBatch& source, Rng* rng, const Directions& projections,
                             Variable* embedded) const {
  thread_local std::vector<JoinedSteps> joined;  // of each level of the pyramid; its memory is used again
  joined.resize(static_cast<std::size_t>(pyramid_));
  std::size_t level = 0;
  EncodedBatch out;
  const PackedSteps* steps = &source;
  Variable x;
  const ArenaList<Variable> outputs = tape.arena().list<Variable>(layers_.size());
  out.final = tape.arena().list<RnnState>(layers_.size());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    if (layer.joins) {
      JoinedSteps& pairs = joined[level++];
      join_pairs(*steps, pairs);
      steps = &pairs.steps;
      x = concat_columns(tape, std::array{gather_rows(tape, x, pairs.left), gather_rows(tape, x, pairs.right)});
    }
    const Directions projected = l == 0 ? project_tokens(tape, source, rng, projections, embedded)
                                        : project(tape, layer, dropout(tape, x, dropout_.encoder, rng));
    const States states = run(tape, layer, projected, *steps, rng);
    out.final[l] = states.last;
    x = layer.residual ? add(tape, states.all, x) : states.all;
    outputs[l] = x;
  }
  if (all_layers_) x = concat_columns(tape, outputs);
  out.memory = {dropout(tape, gather_rows(tape, x, steps->by_sentence), dropout_.memory, rng),
                {source.offsets, source.lengths, source.longest}};
  if (level > 0) {
    out.memory.sentences = {tape.arena().copy(std::span<const int>(steps->offsets)),
                            tape.arena().copy(std::span<const int>(steps->lengths)), steps->longest};
  }
  return out;
}

Encoder::States Encoder::run(Tape& tape, const Layer& layer, const Directions& projected, const PackedSteps& steps,
                             Rng* rng) const {
  const auto direction = [&](const Cell& cell, const Variable& input, bool backwards) {
    const Tensor mask = draw_dropout(tape, steps.step_rows.front(), cell.hidden(), dropout_.recurrent, rng);
    const Transitions* const more = backwards ? layer.backward_more.get() : layer.forward_more.get();
    return run_projected(tape, cell, input, {steps.step_rows, backwards, mask, more});
  };
  const RnnState forward = direction(*layer.forward, projected.forward, false);
  const RnnState last = gather_rows(tape, forward, steps.last_row);
  if (layer.backward == nullptr) return {forward.hidden, last};
  const RnnState backward = direction(*layer.backward, projected.backward, true);
  return {concat_columns(tape, std::array{forward.hidden, backward.hidden}),
          concat_columns(tape, last, gather_rows(tape, backward, steps.first_row))};
}

double Encoder::multiply_adds(double length) const {
  double total = 0;
  double positions = length;
  for (const Layer& layer : layers_) {
    if (layer.joins) positions /= 2;
    double weights = weight_sizes(*layer.forward).all();
    if (layer.backward != nullptr) weights += weight_sizes(*layer.backward).all();
    for (Transitions* more : {layer.forward_more.get(), layer.backward_more.get()}) {
      if (more != nullptr) weights += weight_sizes(*more).all();
    }
    total += weights * positions;
  }
  return total;
}

void Encoder::visit(const ParameterVisitor& visitor) {
  if (own_) visitor(*own_);
  for (Feature& feature : features_) visitor(feature.table);
  for (Layer& layer : layers_) {
    layer.forward->visit(visitor);
    if (layer.forward_more != nullptr) layer.forward_more->visit(visitor);
    if (layer.backward != nullptr) layer.backward->visit(visitor);
    if (layer.backward_more != nullptr) layer.backward_more->visit(visitor);
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

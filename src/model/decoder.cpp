#include "heed/model/decoder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "few_terms.h"
#include "heed/model/array_names.h"
#include "heed/model/context_entry.h"
#include "repeated_tokens.h"

namespace heed {

// A state in the making.
struct Decoder::Making {
  Tape& tape;
  const DecoderStep& step;
  const DecoderState& before;
  DecoderState now = {};
};

namespace {

/// Embeddings that are an output layer too begin small, so that the first logits are.
double deviation(const ModelOptions& options) {
  return options.ties_target() ? 1 / std::sqrt(static_cast<double>(options.target_columns())) : 1;
}

}  // namespace

Decoder::Decoder(const ModelOptions& options, int vocabulary, bool output_reads_embedded)
    : dropout_(options.dropout),
      reads_embedded_(options.deep_output || output_reads_embedded),
      embedding_(make_embedding(kTargetEmbedding, vocabulary, options.target_columns(), deviation(options))) {
  embedding_.tied = options.ties_target();
  make_layers(options);
  make_attentions(options);
  if (attends()) plan_context(options);
}

void Decoder::make_layers(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  for (int l = 0; l < options.decoder_layers; ++l) {
    const std::string name = decoder_name(l);
    Layer& layer = layers_.emplace_back();
    layer.cell = make_cell(options.decoder_cell, name, l == 0 ? options.target_columns() : hidden, hidden);
    if (l > 0) layer.cell->input.role = ParameterRole::kWeight;  // its input comes step by step
    layer.transitions = Transitions::make(options.decoder_cell, name, hidden, options.decoder_cell_depth);
    layer.bridge = make_bridge("bridge." + std::to_string(l), options);
    layer.residual = options.decoder_residual && l > 0;
    if (l == 0 && feeds_attentional(options))
      layer.feed = layer.cell->make_input(name + ".feed", options.output_columns());
  }
}

/// One attention, whose context enters the last layer's h~, or one for each layer.
void Decoder::make_attentions(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  const std::size_t count = options.attends_in_each_layer() ? layers_.size() : 1;
  for (std::size_t a = 0; a < count; ++a) {
    const auto name = [&](const char* part) { return name_at_attention(part, options, static_cast<int>(a)); };
    Layer& layer = layers_[layers_.size() - count + a];
    const bool last = a + 1 == count;
    Combination::Widths widths{.hidden = hidden, .out = last ? options.output_columns() : hidden};
    if (options.deep_output && last) widths.embedding = options.target_columns();
    if (auto attention = make_attention(name("attention"), {hidden, memory_columns(options)}, options.attention)) {
      widths.context = attention->context_columns();
      layer.attention = a;
      attentions_.push_back(std::move(attention));
    }
    layer.combination = std::make_unique<Combination>(name("output"), widths, options.context_gate);
  }
}

void Decoder::plan_context(const ModelOptions& options) {
  const ContextEntryKind& entry = context_entry(options);
  Layer& first = layers_.front();
  switch (entry.asks) {
    case Asks::kAfterLastLayer:
      for (Layer& layer : layers_) layer.asks_after = layer.combination != nullptr;
      break;
    case Asks::kLastBefore:
      first.asks_before = layers_.size() - 1;
      break;
    case Asks::kFirstBefore:
      first.asks_before = 0;
      break;
    case Asks::kBetweenCells:
      first.second_cell =
          make_cell(options.decoder_cell, decoder_name(0) + ".conditional", context_columns(), options.decoder_hidden);
      first.second_cell->input.role = ParameterRole::kWeight;
      break;
    case Asks::kAfterFirstLayer:
      first.asks_after = true;
      first.reads_context_before = true;
      break;
  }
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (!(l == 0 ? entry.enters_first : entry.enters_above)) continue;
    layers_[l].context = layers_[l].cell->make_input(decoder_name(static_cast<int>(l)) + ".context", context_columns());
  }
}

DecoderInput DecoderInput::rows(Tape& tape, std::int64_t begin, std::int64_t count) const {
  return {embedded.empty() ? Variable() : tape.view(embedded, begin, count), tape.view(gates, begin, count),
          ids.subspan(begin, count), tape.view(attentional, begin, count), first + begin};
}

DecoderState DecoderState::gather(Tape& tape, std::span<const int> rows) const {
  DecoderState out;
  out.layers = tape.arena().list<RnnState>(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) out.layers[l] = gather_rows(tape, layers[l], rows);
  if (!attentional.empty()) out.attentional = gather_rows(tape, attentional, rows);
  if (!context.empty()) out.context = gather_rows(tape, context, rows);
  out.output = output.gather(tape, rows);
  out.traces = tape.arena().list<AttentionTrace>(traces.size());
  for (std::size_t a = 0; a < traces.size(); ++a) out.traces[a] = gather_rows(tape, traces[a], rows);
  return out;
}

std::vector<std::vector<Variable>> DecoderState::attention() const {
  std::vector<std::vector<Variable>> out;
  for (const AttentionTrace& trace : traces) {
    for (auto& layer : layers_of(trace)) out.push_back(std::move(layer));
  }
  return out;
}

Variable DecoderState::weights(Tape& tape) const {
  const ArenaList<Variable> parts = tape.arena().list<Variable>(traces.size());
  for (std::size_t a = 0; a < parts.size(); ++a) parts[a] = traces[a].weights;
  return mean(tape, parts);
}

std::vector<int> Decoder::attention_heads() const {
  std::vector<int> out;
  for (const auto& attention : attentions_) {
    const std::vector<int> heads = attention->heads();
    out.insert(out.end(), heads.begin(), heads.end());
  }
  return out;
}

/// Of targets' rows, for all steps.
ArenaList<Tensor> Decoder::draw_masks(Tape& tape, std::int64_t rows, Rng* rng) const {
  if (!tape.recording() || dropout_.recurrent <= 0) return {};
  ArenaList<Tensor> out = tape.arena().list<Tensor>(layers_.size() + 1);
  for (std::size_t l = 0; l < out.size(); ++l) {
    if (l == layers_.size() && layers_.front().second_cell == nullptr) break;
    out[l] = draw_dropout(tape, rows, layers_.front().cell->hidden(), dropout_.recurrent, rng);
  }
  return out;
}

DecoderMemory Decoder::prepare(Tape& tape, const Encoded& encoded, std::int64_t rows, Rng* rng) const {
  DecoderMemory out;
  out.attentions = tape.arena().list<AttentionMemory>(attentions_.size());
  for (std::size_t a = 0; a < attentions_.size(); ++a) out.attentions[a] = attentions_[a]->prepare(tape, encoded);
  out.sentences = encoded.sentences;
  out.masks = draw_masks(tape, rows, rng);
  return out;
}

DecoderState Decoder::start(Tape& tape, const EncodedBatch& encoded) const {
  DecoderState state;
  state.layers = tape.arena().list<RnnState>(layers_.size());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    state.layers[l] = layers_[l].bridge->start(tape, encoded, encoded.final[std::min(l, encoded.final.size() - 1)]);
  }
  return state;
}

Variable Decoder::input_projection(Tape& tape, std::span<const int> tokens) const {
  return layers_.front().cell->input_projection(tape, embedding(tape, embedding_, tokens));
}

DecoderInput Decoder::embed(Tape& tape, std::span<const int> ids, Rng* rng, const Variable& projections) const {
  const auto rows = static_cast<std::int64_t>(ids.size());
  DecoderInput out{{}, {}, ids, make_attentional(tape, rows)};
  Variable table = projections;
  const double dropped = std::max(dropout_.target, dropout_.target_words);
  if (table.empty() && repeats_tokens(tape, dropped, vocabulary(), ids.size())) {
    table = input_projection(tape, all_tokens(tape, vocabulary()));
  }
  if (table.empty() || reads_embedded_) {
    const Variable words = dropout_rows(tape, embedding(tape, embedding_, ids), dropout_.target_words, rng);
    out.embedded = dropout(tape, words, dropout_.target, rng);
  }
  if (table.empty()) {
    out.gates = layers_.front().cell->project(tape, out.embedded);
  } else {
    check_ids(embedding_, ids);
    out.gates = gather_projection(tape, table, ids);
  }
  return out;
}

DecoderState Decoder::step(Tape& tape, const DecoderStep& step, const DecoderState& before) const {
  Making making{tape, step, before};
  DecoderState& now = making.now;
  now.layers = tape.arena().list<RnnState>(layers_.size());
  now.traces = tape.arena().list<AttentionTrace>(attentions_.size());
  const std::int64_t rows = step.input.gates.rows();
  Variable below;  // what the layer beneath hands up
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    RnnState& own = now.layers[l];
    if (layer.asks_before) attend(making, layer, tape.view(before.layers[*layer.asks_before].hidden, 0, rows));
    FewTerms terms;
    terms.add(layer.reads_context_before ? before.context : now.context, layer.context);
    terms.add(before.attentional, layer.feed);
    CellInput read{.more = terms};
    (l == 0 ? read.projected : read.x) = l == 0 ? step.input.gates : dropout(tape, below, dropout_.decoder, step.rng);
    const ArenaList<Tensor>& masks = step.memory.masks;
    if (!masks.empty()) read.recurrent = masked(tape, before.layers[l].hidden, masks[l].slice(0, rows));
    own = layer.cell->make_state(tape, rows);
    layer.cell->step(tape, read, before.layers[l], own);
    if (layer.second_cell != nullptr) {
      const RnnState first = own;
      attend(making, layer, first.hidden);
      own = layer.second_cell->make_state(tape, rows);
      CellInput context{.x = now.context};
      if (!masks.empty()) context.recurrent = masked(tape, first.hidden, masks[layers_.size()].slice(0, rows));
      layer.second_cell->step(tape, context, first, own);
    }
    if (layer.transitions != nullptr) {
      const RnnState made = own;
      own = layer.cell->make_state(tape, rows);
      layer.transitions->run(tape, made, own);
    }
    now.top = layer.residual ? add(tape, own.hidden, below) : own.hidden;
    if (layer.asks_after) attend(making, layer, now.top);
    if (layer.combination != nullptr) now.attentional = combine(making, layer);
    below = layer.combination != nullptr ? now.attentional : now.top;
  }
  return now;
}

void Decoder::attend(Making& making, const Layer& layer, const Variable& query) const {
  static const AttentionTrace none;
  const std::size_t a = layer.attention;
  const AttentionTrace& previous = making.before.traces.empty() ? none : making.before.traces[a];
  const DecoderStep& step = making.step;
  const Attended attended = attentions_[a]->attend(
      making.tape, {query, step.memory.attentions[a], step.sentence, previous, step.rng, {}, step.change});
  making.now.traces[a] = attended.trace;
  making.now.context = attended.context;
}

/// h~, which the last layer writes where teacher forcing wants it.
Variable Decoder::combine(const Making& making, const Layer& layer) const {
  const DecoderInput& input = making.step.input;
  const bool last = &layer == &layers_.back();
  return layer.combination->combine(making.tape, {making.now.context, making.now.top, input.embedded},
                                    last ? input.attentional : Variable());
}

double Decoder::multiply_adds(double states, double length) const {
  double once = 0;
  double each_state = 0;
  double each_token = 0;
  for (const Layer& layer : layers_) {
    once += weight_sizes(*layer.bridge).all();
    each_token += weight_sizes(*layer.cell).all();
    if (layer.second_cell != nullptr) each_token += weight_sizes(*layer.second_cell).all();
    if (layer.transitions != nullptr) each_token += weight_sizes(*layer.transitions).all();
    if (layer.combination != nullptr) each_token += weight_sizes(*layer.combination).all();
    if (layer.feed) each_token += static_cast<double>(layer.feed->size());
    if (layer.context) each_token += static_cast<double>(layer.context->size());
  }
  for (const auto& attention : attentions_) {
    const WeightSizes sizes = weight_sizes(*attention);
    each_state += sizes.hoisted;
    each_token += sizes.stepped;
  }
  return once + each_state * states + each_token * length;
}

void Decoder::visit(const ParameterVisitor& visitor) {
  visitor(embedding_);
  for (Layer& layer : layers_) {
    layer.cell->visit(visitor);
    layer.bridge->visit(visitor);
  }
  for (Layer& layer : layers_) {
    if (layer.second_cell != nullptr) layer.second_cell->visit(visitor);
    if (layer.transitions != nullptr) layer.transitions->visit(visitor);
    if (layer.feed) visitor(*layer.feed);
  }
  for (Layer& layer : layers_) {
    if (layer.context) visitor(*layer.context);
  }
  for (const auto& attention : attentions_) attention->visit(visitor);
  for (Layer& layer : layers_) {
    if (layer.combination != nullptr) layer.combination->visit(visitor);
  }
}

}  // namespace heed

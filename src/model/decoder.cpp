#include "heed/model/decoder.h"

#include <algorithm>
#include <string>

#include "few_terms.h"
#include "heed/autograd/recurrent_attention.h"
#include "heed/kernels/elementwise.h"
#include "heed/model/context_entry.h"
#include "repeated_words.h"

namespace heed {

// One step in the making.
struct Decoder::Step {
  Tape& tape;
  const DecoderInput& input;
  const DecoderState& before;
  const DecoderMemory& memory;
  std::span<const int> sentence;
  Rng* rng;
  DecoderState now;

  AttentionTrace informed = {};  // the trace before, when the token is known; of attention that weighs evidence

  std::int64_t rows() const { return input.gates.rows(); }
};

Decoder::Decoder(const ModelOptions& options, int vocabulary)
    : dropout_(options.dropout),
      marginal_(is_marginal(options)),
      weighs_evidence_(heed::weighs_evidence(options)),
      reads_embedded_(options.deep_output || options.copy != "none"),
      embedding_(make_embedding("target.embedding", vocabulary, options.embedding)),
      generator_(make_hoisted_weight("generator.weight", options.decoder_hidden, vocabulary)),
      generator_bias_(make_vector("generator.bias", vocabulary)) {
  make_layers(options);
  make_attentions(options);
  if (attends()) plan_context(options);
}

void Decoder::make_layers(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  for (int l = 0; l < options.decoder_layers; ++l) {
    const std::string name = "decoder." + std::to_string(l);
    Layer& layer = layers_.emplace_back();
    layer.cell = make_cell(options.decoder_cell, name, l == 0 ? options.embedding : hidden, hidden);
    if (l > 0) layer.cell->input.role = Role::kWeight;  // its input comes step by step
    layer.bridge = make_bridge("bridge." + std::to_string(l), options);
    layer.residual = options.decoder_residual && l > 0;
    if (l == 0 && feeds_attentional(options)) layer.feed = layer.cell->make_input("decoder.0.feed", hidden);
  }
}

/// One attention, whose context enters the last layer's h~, or one for each layer.
void Decoder::make_attentions(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  const std::size_t count = options.attention_layers == "each" ? layers_.size() : 1;
  for (std::size_t a = 0; a < count; ++a) {
    const std::string suffix = count == 1 ? "" : "." + std::to_string(a);
    Layer& layer = layers_[layers_.size() - count + a];
    Combination::Widths widths{.hidden = hidden};
    if (options.deep_output && a + 1 == count) widths.embedding = options.embedding;
    if (auto attention = make_attention("attention" + suffix, {hidden, memory_columns(options)}, options.attention)) {
      widths.context = attention->context_columns();
      layer.attention = a;
      attentions_.push_back(std::move(attention));
    }
    layer.combination = std::make_unique<Combination>("output" + suffix, widths);
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
          make_cell(options.decoder_cell, "decoder.0.conditional", context_columns(), options.decoder_hidden);
      first.second_cell->input.role = Role::kWeight;
      break;
    case Asks::kAfterFirstLayer:
      first.asks_after = true;
      first.reads_context_before = true;
      break;
  }
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (!(l == 0 ? entry.enters_first : entry.enters_above)) continue;
    layers_[l].context = layers_[l].cell->make_input("decoder." + std::to_string(l) + ".context", context_columns());
  }
}

DecoderInput DecoderInput::rows(Tape& tape, std::int64_t first, std::int64_t count) const {
  return {embedded.empty() ? Variable() : tape.view(embedded, first, count), tape.view(gates, first, count),
          ids.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
          tape.view(attentional, first, count), mask.empty() ? Tensor{} : mask.slice(first, count)};
}

DecoderState DecoderState::gather(Tape& tape, std::span<const int> rows) const {
  DecoderState out;
  out.layers = tape.arena().list<RnnState>(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) out.layers[l] = gather_rows(tape, layers[l], rows);
  if (!attentional.empty()) out.attentional = gather_rows(tape, attentional, rows);
  if (!context.empty()) out.context = gather_rows(tape, context, rows);
  if (!of_row.empty()) out.of_row = gather_rows(tape, of_row, rows);
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
  const List<Variable> parts = tape.arena().list<Variable>(traces.size());
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

DecoderMemory Decoder::prepare(Tape& tape, const Encoded& encoded) const {
  DecoderMemory out;
  out.attentions = tape.arena().list<AttentionMemory>(attentions_.size());
  for (std::size_t a = 0; a < attentions_.size(); ++a) out.attentions[a] = attentions_[a]->prepare(tape, encoded);
  out.sentences = encoded.sentences;
  if (marginal_) out.positions = layers_.back().combination->context_part(tape, encoded.states);
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

Variable Decoder::known(Tape& tape, std::span<const int> words) const {
  return layers_.front().cell->known(tape, embedding(tape, embedding_, words));
}

DecoderInput Decoder::embed(Tape& tape, std::span<const int> ids, Rng* rng, const Variable& words) const {
  const auto rows = static_cast<std::int64_t>(ids.size());
  DecoderInput out{{}, {}, ids, tape.variable(rows, generator_.rows()), {}};
  Variable table = words;
  if (table.empty() && repeats_words(tape, dropout_, vocabulary(), ids.size())) {
    table = known(tape, all_words(tape, vocabulary()));
  }
  if (table.empty() || reads_embedded_) out.embedded = dropout(tape, embedding(tape, embedding_, ids), dropout_, rng);
  if (table.empty()) {
    out.gates = layers_.front().cell->project(tape, out.embedded);
  } else {
    check_ids(embedding_, ids);
    out.gates = project_rows(tape, table, ids);
  }
  if (marginal_ && tape.recording() && dropout_ > 0) {
    out.mask = tape.arena().tensor(rows, generator_.rows());
    dropout_mask(dropout_, *rng, out.mask.data, out.mask.size());
  }
  return out;
}

DecoderState Decoder::step(Tape& tape, const DecoderInput& input, const DecoderState& state,
                           const DecoderMemory& memory, std::span<const int> sentence, Rng* rng) const {
  Step step{tape, input, state, memory, sentence, rng, {}};
  DecoderState& now = step.now;
  now.layers = tape.arena().list<RnnState>(layers_.size());
  now.traces = tape.arena().list<AttentionTrace>(attentions_.size());
  if (weighs_evidence_ && !state.traces.empty()) take_evidence(step);
  Variable below;  // what the layer beneath hands up
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    RnnState& own = now.layers[l];
    if (layer.asks_before) attend(step, layer, tape.view(state.layers[*layer.asks_before].hidden, 0, step.rows()));
    FewTerms terms;
    terms.add(layer.reads_context_before ? state.context : now.context, layer.context);
    terms.add(state.attentional, layer.feed);
    CellInput read{.more = terms};
    (l == 0 ? read.projected : read.x) = l == 0 ? input.gates : dropout(tape, below, dropout_, rng);
    own = layer.cell->fresh(tape, step.rows());
    layer.cell->step(tape, read, state.layers[l], own);
    if (layer.second_cell != nullptr) {
      const RnnState first = own;
      attend(step, layer, first.hidden);
      own = layer.second_cell->fresh(tape, step.rows());
      layer.second_cell->step(tape, {.x = now.context}, first, own);
    }
    now.top = layer.residual ? add(tape, own.hidden, below) : own.hidden;
    if (layer.asks_after) attend(step, layer, now.top);
    if (layer.combination != nullptr) now.attentional = combine(step, layer);
    below = layer.combination != nullptr ? now.attentional : now.top;
  }
  if (marginal_) {
    now.of_row = layers_.back().combination->without_context(tape, {{}, now.top, input.embedded});
    now.mask = input.mask;
  }
  return now;
}

void Decoder::attend(Step& step, const Layer& layer, const Variable& query) const {
  static const AttentionTrace none;
  const AttentionTrace& before = step.before.traces.empty() ? none : step.before.traces[layer.attention];
  const AttentionTrace& previous = step.informed.weights.empty() ? before : step.informed;
  const Attended attended = attentions_[layer.attention]->attend(
      step.tape, {query, step.memory.attentions[layer.attention], step.sentence, previous, step.rng});
  step.now.traces[layer.attention] = attended.trace;
  step.now.context = attended.context;
}

/// h~, which the last layer writes to where teacher forcing wants it.
Variable Decoder::combine(const Step& step, const Layer& layer) const {
  const bool last = &layer == &layers_.back();
  return layer.combination->combine(step.tape,
                                    {step.now.context, step.now.top, last ? step.input.embedded : Variable()},
                                    last ? step.input.attentional : Variable());
}

Variable Decoder::emission(Tape& tape, const DecoderState& state, std::int64_t first, std::span<const int> labels,
                           const DecoderMemory& memory, std::span<const int> sentence) const {
  const auto rows = static_cast<std::int64_t>(labels.size());
  const Tensor mask = state.mask.empty() ? Tensor{} : state.mask.slice(first, rows);
  const PositionStates states{tape.view(state.of_row, first, rows), memory.positions, mask, sentence, memory.sentences};
  return position_log_probability(tape, states, output(), labels);
}

/// Now that the token is known that the step before was asked for, more is known of its position.
void Decoder::take_evidence(Step& step) const {
  const AttentionTrace& before = step.before.traces.front();
  step.now.evidence = emission(step.tape, step.before, 0, step.input.ids, step.memory, step.sentence);
  step.informed.weights = before.weights;
  step.informed.carried =
      step.tape.list({position_posterior(step.tape, step.tape.view(before.weights, 0, step.rows()), step.now.evidence,
                                         {step.memory.sentences, step.sentence})});
}

double Decoder::multiply_adds(double states, double length) const {
  double once = 0;
  double each_state = 0;
  double each_token = 0;
  for (const Layer& layer : layers_) {
    once += weight_sizes(*layer.bridge).all();
    each_token += weight_sizes(*layer.cell).all();
    if (layer.second_cell != nullptr) each_token += weight_sizes(*layer.second_cell).all();
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
    if (layer.feed) visitor(*layer.feed);
  }
  for (Layer& layer : layers_) {
    if (layer.context) visitor(*layer.context);
  }
  for (const auto& attention : attentions_) attention->visit(visitor);
  for (Layer& layer : layers_) {
    if (layer.combination != nullptr) layer.combination->visit(visitor);
  }
  visitor(generator_);
  visitor(generator_bias_);
}

}  // namespace heed

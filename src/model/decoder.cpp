#include "heed/model/decoder.h"

#include <algorithm>
#include <array>
#include <string>

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
  Variable output = {};          // of the layer before, or of the last one

  std::int64_t rows() const { return input.gates.rows(); }
};

Decoder::Decoder(const ModelOptions& options, int vocabulary)
    : dropout_(options.dropout),
      entry_(context_entry(options)),
      at_each_layer_(options.attention_layers == "each"),
      residual_(options.decoder_residual),
      marginal_(is_marginal(options)),
      weighs_evidence_(heed::weighs_evidence(options)),
      reads_embedded_(options.deep_output || options.copy != "none"),
      embedding_(make_embedding("target.embedding", vocabulary, options.embedding)),
      generator_(make_hoisted_weight("generator.weight", options.decoder_hidden, vocabulary)),
      generator_bias_(make_vector("generator.bias", vocabulary)) {
  make_cells(options);
  make_attentions(options);
}

void Decoder::make_cells(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  for (int l = 0; l < options.decoder_layers; ++l) {
    const std::string name = "decoder." + std::to_string(l);
    cells_.push_back(make_cell(options.decoder_cell, name, l == 0 ? options.embedding : hidden, hidden));
    if (l > 0) cells_.back()->input.role = Role::kWeight;  // its input comes step by step
    bridges_.push_back(make_bridge("bridge." + std::to_string(l), options));
  }
  if (feeds_attentional(options)) feed_.push_back(cells_.front()->make_input("decoder.0.feed", hidden));
}

void Decoder::make_attentions(const ModelOptions& options) {
  const std::int64_t hidden = options.decoder_hidden;
  const AttentionSizes sizes{hidden, memory_columns(options)};
  const int count = at_each_layer_ ? options.decoder_layers : 1;
  for (int a = 0; a < count; ++a) {
    const std::string suffix = count == 1 ? "" : "." + std::to_string(a);
    auto attention = make_attention("attention" + suffix, sizes, options.attention);
    const std::string output = "output" + suffix;
    Combination combination{
        {}, make_weight(output + ".hidden", hidden, hidden), {}, make_vector(output + ".bias", hidden)};
    if (attention != nullptr) {
      combination.context.push_back(make_weight(output + ".context", attention->context_columns(), hidden));
      attentions_.push_back(std::move(attention));
    }
    if (options.deep_output && a + 1 == count) {
      combination.embedding.push_back(make_weight(output + ".embedding", options.embedding, hidden));
    }
    combinations_.push_back(std::move(combination));
  }
  if (!attends() || entry_ == ContextEntry::kOutput) return;
  const std::int64_t context = attentions_.front()->context_columns();
  if (entry_ == ContextEntry::kConditional) {
    conditional_ = make_cell(options.decoder_cell, "decoder.0.conditional", context, hidden);
    conditional_->input.role = Role::kWeight;
    return;
  }
  const bool everywhere = entry_ != ContextEntry::kCell;
  for (int l = 0; l < (everywhere ? options.decoder_layers : 1); ++l) {
    cell_context_.push_back(cells_[l]->make_input("decoder." + std::to_string(l) + ".context", context));
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
  if (marginal_) out.positions = linear(tape, {{encoded.states, &combinations_.front().context.front()}});
  return out;
}

DecoderState Decoder::start(Tape& tape, const EncodedBatch& encoded) const {
  DecoderState state;
  state.layers = tape.arena().list<RnnState>(cells_.size());
  for (std::size_t l = 0; l < cells_.size(); ++l) {
    state.layers[l] = bridges_[l]->start(tape, encoded, encoded.final[std::min(l, encoded.final.size() - 1)]);
  }
  return state;
}

Variable Decoder::known(Tape& tape, std::span<const int> words) const {
  return cells_.front()->known(tape, embedding(tape, embedding_, words));
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
    out.gates = cells_.front()->project(tape, out.embedded);
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
  step.now.layers = tape.arena().list<RnnState>(cells_.size());
  step.now.traces = tape.arena().list<AttentionTrace>(attentions_.size());
  if (weighs_evidence_ && !state.traces.empty()) take_evidence(step);
  run_first_layer(step);
  for (std::size_t l = 0; l < cells_.size(); ++l) {
    if (l > 0) {
      const Variable below = at_each_layer_ ? step.now.attentional : step.output;
      run_layer(step, l, dropout(tape, below, dropout_, rng));
      if (residual_) step.output = add(tape, step.output, below);
    }
    const bool last = l + 1 == cells_.size();
    if (!last && !at_each_layer_) continue;
    if (attends() && entry_ == ContextEntry::kOutput) {
      step.now.context = attend(step, at_each_layer_ ? l : 0, step.output);
    }
    step.now.attentional = combine(step, at_each_layer_ ? l : 0, step.now.context);
  }
  if (marginal_) {
    step.now.of_row = of_row(step);
    step.now.mask = input.mask;
  }
  return step.now;
}

Variable Decoder::attend(Step& step, std::size_t attention, const Variable& query) const {
  static const AttentionTrace none;
  const AttentionTrace& before = step.before.traces.empty() ? none : step.before.traces[attention];
  const AttentionTrace& previous = step.informed.weights.empty() ? before : step.informed;
  const Attended attended = attentions_[attention]->attend(
      step.tape, {query, step.memory.attentions[attention], step.sentence, previous, step.rng});
  step.now.traces[attention] = attended.trace;
  return attended.context;
}

void Decoder::run_first_layer(Step& step) const {
  Tape& tape = step.tape;
  std::array<Term, 2> terms;
  std::size_t count = 0;
  if (attends() && (entry_ == ContextEntry::kCell || entry_ == ContextEntry::kFirstLayer)) {
    const RnnState& asking = entry_ == ContextEntry::kCell ? step.before.layers.back() : step.before.layers.front();
    step.now.context = attend(step, 0, tape.view(asking.hidden, 0, step.rows()));
    terms[count++] = {step.now.context, &cell_context_.front()};
  }
  if (entry_ == ContextEntry::kAllLayers && !step.before.context.empty()) {
    terms[count++] = {step.before.context, &cell_context_.front()};
  }
  if (!feed_.empty() && !step.before.attentional.empty()) terms[count++] = {step.before.attentional, &feed_.front()};
  const Cell& cell = *cells_.front();
  step.now.layers.front() = cell.fresh(tape, step.rows());
  cell.step(tape, {step.input.gates, {}, {terms.data(), count}}, step.before.layers.front(), step.now.layers.front());
  if (conditional_ != nullptr) run_conditional_cell(step);
  step.output = step.now.layers.front().hidden;
  if (entry_ == ContextEntry::kAllLayers) step.now.context = attend(step, 0, step.output);
}

void Decoder::run_conditional_cell(Step& step) const {
  const RnnState first = step.now.layers.front();
  step.now.context = attend(step, 0, first.hidden);
  step.now.layers.front() = conditional_->fresh(step.tape, step.rows());
  conditional_->step(step.tape, {{}, step.now.context}, first, step.now.layers.front());
}

void Decoder::run_layer(Step& step, std::size_t l, const Variable& below) const {
  std::array<Term, 1> context;
  std::size_t count = 0;
  if (l < cell_context_.size()) context[count++] = {step.now.context, &cell_context_[l]};
  step.now.layers[l] = cells_[l]->fresh(step.tape, step.rows());
  cells_[l]->step(step.tape, {{}, below, {context.data(), count}}, step.before.layers[l], step.now.layers[l]);
  step.output = step.now.layers[l].hidden;
}

Variable Decoder::combine(Step& step, std::size_t l, const Variable& context) const {
  const Combination& combination = combinations_[l];
  std::array<Term, 3> terms;
  std::size_t count = 0;
  if (!combination.context.empty()) terms[count++] = {context, &combination.context.front()};
  terms[count++] = {step.output, &combination.hidden};
  if (!combination.embedding.empty()) terms[count++] = {step.input.embedded, &combination.embedding.front()};
  const bool last = l + 1 == combinations_.size();
  return tanh_linear(step.tape, std::span<const Term>(terms.data(), count), &combination.bias,
                     last ? step.input.attentional : Variable());
}

/// combine() without the context.
Variable Decoder::of_row(const Step& step) const {
  const Combination& combination = combinations_.front();
  std::array<Term, 2> terms = {{{step.output, &combination.hidden}, {}}};
  std::size_t count = 1;
  if (!combination.embedding.empty()) terms[count++] = {step.input.embedded, &combination.embedding.front()};
  return linear(step.tape, std::span<const Term>(terms.data(), count), &combination.bias);
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

void Decoder::visit(const ParameterVisitor& visitor) {
  visitor(embedding_);
  for (std::size_t l = 0; l < cells_.size(); ++l) {
    cells_[l]->visit(visitor);
    bridges_[l]->visit(visitor);
  }
  if (conditional_ != nullptr) conditional_->visit(visitor);
  for (Parameter& parameter : feed_) visitor(parameter);
  for (Parameter& parameter : cell_context_) visitor(parameter);
  for (const auto& attention : attentions_) attention->visit(visitor);
  for (Combination& combination : combinations_) {
    for (Parameter& parameter : combination.context) visitor(parameter);
    visitor(combination.hidden);
    for (Parameter& parameter : combination.embedding) visitor(parameter);
    visitor(combination.bias);
  }
  visitor(generator_);
  visitor(generator_bias_);
}

}  // namespace heed

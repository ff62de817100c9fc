#include "heed/model/decoder.h"

#include <algorithm>
#include <array>

namespace heed {

Decoder::Decoder(const ModelOptions& options, int vocabulary, Rng& rng)
    : dropout_(options.dropout),
      entry_(find_attention(options.attention).entry),
      embedding_(make_embedding("target.embedding", vocabulary, options.embedding, rng)),
      output_hidden_(make_weight("output.hidden", options.decoder_hidden, options.decoder_hidden, rng)),
      output_bias_(make_vector("output.bias", options.decoder_hidden)),
      generator_(make_hoisted_weight("generator.weight", options.decoder_hidden, vocabulary, rng)),
      generator_bias_(make_vector("generator.bias", vocabulary)) {
  const std::int64_t hidden = options.decoder_hidden;
  const std::int64_t encoded = options.encoder_hidden;
  const AttentionKind& kind = find_attention(options.attention);
  for (int l = 0; l < options.decoder_layers; ++l) {
    cells_.emplace_back("decoder." + std::to_string(l), l == 0 ? options.embedding : hidden, hidden, rng);
    if (l > 0) cells_.back().input.role = Role::kWeight;  // its input comes step by step
    const std::string bridge = "bridge." + std::to_string(l);
    bridges_.push_back(
        {make_weight(bridge + ".hidden.weight", encoded, hidden, rng), make_vector(bridge + ".hidden.bias", hidden),
         make_weight(bridge + ".cell.weight", encoded, hidden, rng), make_vector(bridge + ".cell.bias", hidden)});
  }
  if (options.input_feeding) feed_.push_back(make_weight("decoder.0.feed", hidden, 4 * hidden, rng, 4));
  if (kind.make == nullptr) return;
  attention_ = kind.make({hidden, encoded}, rng);
  output_context_.push_back(make_weight("output.context", encoded, hidden, rng));
  if (entry_ == ContextEntry::kCell) {
    cell_context_.push_back(make_weight("decoder.0.context", encoded, 4 * hidden, rng, 4));
  }
}

AttentionMemory Decoder::prepare(Tape& tape, const Encoded& encoded) const {
  return attends() ? attention_->prepare(tape, encoded) : AttentionMemory{};
}

DecoderState Decoder::start(Tape& tape, const EncodedBatch& encoded) const {
  DecoderState state;
  for (std::size_t l = 0; l < cells_.size(); ++l) {
    const LstmState& last = encoded.final[std::min(l, encoded.final.size() - 1)];
    const Bridge& bridge = bridges_[l];
    state.layers.push_back({tanh(tape, linear(tape, {{last.hidden, &bridge.hidden}}, &bridge.hidden_bias)),
                            linear(tape, {{last.cell, &bridge.cell}}, &bridge.cell_bias)});
  }
  return state;
}

Variable Decoder::embed(Tape& tape, std::span<const int> ids, Rng* rng) const {
  const Variable embedded = dropout(tape, embedding(tape, embedding_, ids), dropout_, rng);
  const Variable gates = linear(tape, {{embedded, &cells_.front().input}});
  tape.gradient_replaces_value(gates);
  return gates;
}

DecoderState Decoder::step(Tape& tape, const Variable& gates, const DecoderState& state, const AttentionMemory& memory,
                           std::span<const int> sentence, Rng* rng) const {
  const std::int64_t rows = gates.rows();
  const auto fresh = [&] {
    return LstmState{tape.variable(rows, cells_[0].hidden()), tape.variable(rows, cells_[0].hidden())};
  };
  DecoderState out;
  Attended attended;
  std::array<Term, 3> terms;
  std::size_t count = 0;
  if (attends() && entry_ == ContextEntry::kCell) {
    const Variable query = tape.view(state.layers.back().hidden, 0, rows);
    attended = attention_->attend(tape, query, memory, sentence, state.trace);
    terms[count++] = {attended.context, &cell_context_.front()};
  }
  if (!feed_.empty() && !state.attentional.empty()) terms[count++] = {state.attentional, &feed_.front()};
  terms[count++] = {state.layers.front().hidden, &cells_.front().recurrent};
  out.layers.push_back(fresh());
  lstm_step(tape, {gates, {terms.data(), count}, &cells_.front().bias, state.layers.front().cell}, out.layers.front());
  for (std::size_t l = 1; l < cells_.size(); ++l) {
    const Variable below = dropout(tape, out.layers.back().hidden, dropout_, rng);
    const std::array<Term, 2> upper = {{{below, &cells_[l].input}, {state.layers[l].hidden, &cells_[l].recurrent}}};
    out.layers.push_back(fresh());
    lstm_step(tape, {{}, upper, &cells_[l].bias, state.layers[l].cell}, out.layers.back());
  }
  const Variable& hidden = out.layers.back().hidden;
  if (attends() && entry_ == ContextEntry::kOutput) {
    attended = attention_->attend(tape, hidden, memory, sentence, state.trace);
  }
  out.attentional = attentional(tape, attended.context, hidden);
  out.trace = attended.trace;
  return out;
}

Variable Decoder::attentional(Tape& tape, const Variable& context, const Variable& hidden) const {
  if (context.empty()) return tanh(tape, linear(tape, {{hidden, &output_hidden_}}, &output_bias_));
  return tanh(tape, linear(tape, {{context, &output_context_.front()}, {hidden, &output_hidden_}}, &output_bias_));
}

void Decoder::visit(const ParameterVisitor& visitor) {
  visitor(embedding_);
  for (std::size_t l = 0; l < cells_.size(); ++l) {
    cells_[l].visit(visitor);
    visitor(bridges_[l].hidden);
    visitor(bridges_[l].hidden_bias);
    visitor(bridges_[l].cell);
    visitor(bridges_[l].cell_bias);
  }
  for (Parameter& parameter : feed_) visitor(parameter);
  for (Parameter& parameter : cell_context_) visitor(parameter);
  if (attention_ != nullptr) attention_->visit(visitor);
  for (Parameter& parameter : output_context_) visitor(parameter);
  visitor(output_hidden_);
  visitor(output_bias_);
  visitor(generator_);
  visitor(generator_bias_);
}

}  // namespace heed

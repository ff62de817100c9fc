#include "heed/model/encoder.h"

namespace heed {

Encoder::Encoder(const ModelOptions& options, int vocabulary, Rng& rng)
    : dropout_(options.dropout), embedding_(make_embedding("source.embedding", vocabulary, options.embedding, rng)) {
  const int hidden = options.bidirectional ? options.encoder_hidden / 2 : options.encoder_hidden;
  std::int64_t in = options.embedding;
  for (int l = 0; l < options.encoder_layers; ++l) {
    const std::string name = "encoder." + std::to_string(l);
    Layer layer{LstmCell(name + ".forward", in, hidden, rng), {}};
    if (options.bidirectional) layer.backward.emplace_back(name + ".backward", in, hidden, rng);
    layers_.push_back(std::move(layer));
    in = options.encoder_hidden;
  }
}

EncodedBatch Encoder::encode(Tape& tape, const SourceBatch& source, Rng* rng) const {
  EncodedBatch out;
  const auto rows_of = [&](const LstmState& all, std::span<const int> rows) {
    return LstmState{gather_rows(tape, all.hidden, rows), gather_rows(tape, all.cell, rows)};
  };
  Variable x = embedding(tape, embedding_, source.ids);  // [rows, E], packed by step
  for (const Layer& layer : layers_) {
    const Variable input = dropout(tape, x, dropout_, rng);
    const LstmState forward = run_lstm(tape, layer.forward, input, source.step_rows, false);
    x = forward.hidden;
    LstmState last = rows_of(forward, source.last_row);
    if (!layer.backward.empty()) {
      const LstmState backward = run_lstm(tape, layer.backward.front(), input, source.step_rows, true);
      const LstmState first = rows_of(backward, source.first_row);
      x = concat_columns(tape, x, backward.hidden);
      last = {concat_columns(tape, last.hidden, first.hidden), concat_columns(tape, last.cell, first.cell)};
    }
    out.final.push_back(last);
  }
  out.memory = {gather_rows(tape, x, source.by_sentence), {source.offsets, source.lengths, source.longest}};
  return out;
}

void Encoder::visit(const ParameterVisitor& visitor) {
  visitor(embedding_);
  for (Layer& layer : layers_) {
    layer.forward.visit(visitor);
    for (LstmCell& cell : layer.backward) cell.visit(visitor);
  }
}

}  // namespace heed

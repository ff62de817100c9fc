#include "heed/model/seq2seq.h"

namespace heed {

Seq2Seq::Seq2Seq(const ModelOptions& options, int source_vocabulary, int target_vocabulary, std::uint64_t seed)
    : options_(options),
      initial_(seed),
      encoder_(options, source_vocabulary, initial_),
      decoder_(options, target_vocabulary, initial_),
      parameters_(std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
        encoder_.visit(visitor);
        decoder_.visit(visitor);
      })) {}

long Seq2Seq::parameter_count() const {
  long count = 0;
  for (const Parameter* parameter : parameters_->all()) count += parameter->size();
  return count;
}

Forced Seq2Seq::force(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                      const ForcingOptions& options) const {
  const EncodedBatch encoded = encoder_.encode(tape, source, options.rng);
  const AttentionMemory memory = decoder_.prepare(tape, encoded.memory);
  // The decoder's rows stand in the order of the targets' lengths: the first state is brought into it, and every row
  // names its sentence.
  DecoderState state = decoder_.start(tape, encoded);
  for (LstmState& layer : state.layers) {
    layer = {gather_rows(tape, layer.hidden, target.order), gather_rows(tape, layer.cell, target.order)};
  }
  const Variable gates = decoder_.embed(tape, target.inputs, options.rng);
  Forced out;
  std::vector<Variable> attentional;
  std::int64_t first = 0;
  for (const int rows : target.step_rows) {
    const std::span<const int> sentence(target.order.data(), static_cast<std::size_t>(rows));
    state = decoder_.step(tape, tape.view(gates, first, rows), state, memory, sentence, options.rng);
    attentional.push_back(state.attentional);
    if (decoder_.attends()) out.weights.push_back(state.trace.weights);
    first += rows;
  }
  const Variable hidden =
      dropout(tape, concat_rows(tape, attentional), decoder_.dropout_rate(), options.rng);  // [rows, Hd]
  const Loss loss =
      cross_entropy(tape, hidden, decoder_.output(), target.labels, {options.label_smoothing, options.scale});
  out.loss = loss.total;
  out.log_probability = loss.log_probability;
  return out;
}

double update_flops(const ModelOptions& options, int target_vocabulary, double sentences, double source_length,
                    double target_length) {
  const double e = options.embedding;
  const double he = options.encoder_hidden;
  const double hd = options.decoder_hidden;
  const double directions = options.bidirectional ? 2 : 1;
  const double h = he / directions;
  const AttentionKind& kind = find_attention(options.attention);
  const bool attends = kind.make != nullptr;
  double source = 0;  // per source position
  for (int l = 0; l < options.encoder_layers; ++l) source += directions * ((l == 0 ? e : he) + h) * 4 * h;
  double target = hd * target_vocabulary + hd * hd;  // per target position
  for (int l = 0; l < options.decoder_layers; ++l) target += ((l == 0 ? e : hd) + hd) * 4 * hd;
  if (options.input_feeding) target += hd * 4 * hd;
  if (attends) {
    target += he * hd + he * source_length + hd * source_length;  // h~, weighted sum, scores
    if (options.attention != "luong-dot") source += he * hd;
    if (kind.entry == ContextEntry::kCell) target += he * 4 * hd;
    if (options.attention == "bahdanau" || options.attention == "luong-concat") target += hd * hd;
  }
  const double bridge = options.decoder_layers * 2.0 * he * hd;
  return 3 * 2 * sentences * (source * source_length + target * target_length + bridge);
}

}  // namespace heed

#include "heed/model/seq2seq.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "heed/base/error.h"
#include "heed/model/context_entry.h"

namespace heed {

Seq2Seq::Seq2Seq(const ModelOptions& options, int source_vocabulary, int target_vocabulary, std::uint64_t seed)
    : Seq2Seq(options, source_vocabulary, target_vocabulary) {
  Rng rng(seed);
  initialize(encoder_, rng);
  initialize(decoder_, rng);
  if (copy_gate_ != nullptr) initialize(*copy_gate_, rng);
}

Seq2Seq::Seq2Seq(const ModelOptions& options, int source_vocabulary, int target_vocabulary)
    : options_(options),
      encoder_(options, source_vocabulary),
      decoder_(options, target_vocabulary),
      copy_gate_(options.copy == "none" ? nullptr : std::make_unique<CopyGate>(options, decoder_.context_columns())),
      parameters_(std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
        encoder_.visit(visitor);
        decoder_.visit(visitor);
        if (copy_gate_ != nullptr) copy_gate_->visit(visitor);
      })) {}

long Seq2Seq::parameter_count() const {
  long count = 0;
  for (const Parameter* parameter : parameters_->all()) count += parameter->size();
  return count;
}

/// What the steps of a batch leave for its loss.
struct Seq2Seq::Steps {
  /// Something of each step, in the tape's arena.
  class StepList {
   public:
    StepList(Tape& tape, std::size_t most) : room_(tape.arena().array<Variable>(most)) {}
    void push_back(const Variable& x) {
      assert(size_ < room_.size());
      room_[size_++] = x;
    }
    std::span<const Variable> all() const { return room_.first(size_); }

   private:
    std::span<Variable> room_;
    std::size_t size_ = 0;
  };

  Steps(Tape& tape, std::size_t count)
      : weights(tape, count),
        contexts(tape, count),
        hidden(tape, count),
        of_row(tape, count),
        emissions(tape, 2 * count) {}
  DecoderInput input;
  DecoderMemory memory;
  StepList weights;  // of each step, if they are needed
  StepList contexts;
  StepList hidden;
  StepList of_row;     // of marginal models
  StepList emissions;  // of those that weigh evidence: [rows, longest], in the order of the labels; two of a step
};

Seq2Seq::Steps Seq2Seq::run_steps(Tape& tape, const EncodedBatch& encoded, const TargetBatch& target,
                                  const ForcingOptions& options, Forced& out) const {
  Steps steps(tape, target.step_rows.size());
  steps.memory = decoder_.prepare(tape, encoded.memory);
  // The decoder's rows stand in the order of the targets' lengths: the first state is brought into it, and every row
  // names its sentence.
  DecoderState state = decoder_.start(tape, encoded).gather(tape, target.order);
  steps.input = decoder_.embed(tape, target.inputs, options.rng);
  const bool weighs = options.attention || copy_gate_ != nullptr || decoder_.marginal() || options.coverage_loss > 0;
  std::int64_t first = 0;
  for (const int rows : target.step_rows) {
    const std::span<const int> sentence(target.order.data(), static_cast<std::size_t>(rows));
    const DecoderState before = state;
    state = decoder_.step(tape, steps.input.rows(tape, first, rows), before, steps.memory, sentence, options.rng);
    if (decoder_.weighs_evidence() && first > 0) end_rows(tape, before, target, first, &state, steps);
    if (decoder_.attends() && weighs) steps.weights.push_back(state.weights(tape));
    if (decoder_.attends() && options.attention) out.attention.push_back(state.attention());
    if (copy_gate_ != nullptr) steps.contexts.push_back(state.context);
    if (copy_gate_ != nullptr) steps.hidden.push_back(state.layers.back().hidden);
    if (decoder_.marginal()) steps.of_row.push_back(state.of_row);
    first += rows;
  }
  if (decoder_.weighs_evidence()) end_rows(tape, state, target, first, nullptr, steps);
  return steps;
}

/// Emissions of a step: those of targets that go on were computed by the `next` step, which asked for them as evidence;
/// those that ended with this one are computed here. `end` is one beyond its last row.
void Seq2Seq::end_rows(Tape& tape, const DecoderState& of_step, const TargetBatch& target, std::int64_t end,
                       const DecoderState* next, Steps& steps) const {
  const std::int64_t rows = of_step.of_row.rows();
  const std::int64_t on = next == nullptr ? 0 : next->evidence.rows();
  if (on > 0) steps.emissions.push_back(next->evidence);
  if (on == rows) return;
  const auto ended = static_cast<std::size_t>(rows - on);
  const auto labels = std::span(target.labels).subspan(static_cast<std::size_t>(end) - ended, ended);
  const auto sentence = std::span(target.order).subspan(static_cast<std::size_t>(on), ended);
  steps.emissions.push_back(decoder_.emission(tape, of_step, on, labels, steps.memory, sentence));
}

/// What is said of a batch beside its steps.
struct Seq2Seq::Batch {
  const SourceBatch& source;
  const TargetBatch& target;
  std::span<const int> sentence;  // of each row of all steps

  SentenceRows rows() const { return {source.offsets, source.lengths, source.longest}; }
};

Loss Seq2Seq::loss_of(Tape& tape, const Steps& steps, const Batch& batch, const ForcingOptions& options) const {
  if (decoder_.marginal()) return marginal_loss(tape, steps, batch, options);
  const Variable hidden = dropout(tape, steps.input.attentional, decoder_.dropout_rate(), options.rng);  // [rows, Hd]
  const CrossEntropyOptions how{options.label_smoothing, options.scale};
  if (copy_gate_ != nullptr) return copy_loss(tape, steps, batch, how, hidden);
  return cross_entropy(tape, hidden, decoder_.output(), batch.target.labels, how);
}

Loss Seq2Seq::copy_loss(Tape& tape, const Steps& steps, const Batch& batch, const CrossEntropyOptions& options,
                        const Variable& hidden) const {
  if (batch.source.copies.empty()) {
    throw Error("the model copies, but the batch does not say what copying a token gives");
  }
  const Variable gate = copy_gate_->gate(
      tape, {concat_rows(tape, steps.contexts.all()), concat_rows(tape, steps.hidden.all()), steps.input.embedded});
  const Copying copying{gate, concat_rows(tape, steps.weights.all()), batch.sentence, batch.rows(),
                        batch.source.copies};
  return copy_cross_entropy(tape, hidden, decoder_.output(), copying, batch.target.labels, options);
}

Loss Seq2Seq::marginal_loss(Tape& tape, const Steps& steps, const Batch& batch, const ForcingOptions& options) const {
  const Variable emitted = decoder_.weighs_evidence() ? concat_rows(tape, steps.emissions.all()) : [&] {
    const PositionStates states{concat_rows(tape, steps.of_row.all()), steps.memory.positions, steps.input.mask,
                                batch.sentence, steps.memory.sentences};
    return position_log_probability(tape, states, decoder_.output(), batch.target.labels);
  }();
  return heed::marginal_loss(tape, concat_rows(tape, steps.weights.all()), emitted,
                             {steps.memory.sentences, batch.sentence}, options.scale);
}

Forced Seq2Seq::force(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                      const ForcingOptions& options) const {
  Forced out;
  const EncodedBatch encoded = encoder_.encode(tape, source, options.rng);
  const Steps steps = run_steps(tape, encoded, target, options, out);
  const std::span<int> sentence = tape.arena().array<int>(target.labels.size());
  auto at = sentence.begin();
  for (const int rows : target.step_rows) at = std::copy_n(target.order.begin(), rows, at);
  const Loss loss = loss_of(tape, steps, {source, target, sentence}, options);
  out.loss = loss.total;
  out.log_probability = loss.log_probability;
  out.generated = loss.generated;
  if (options.attention) out.weights = steps.weights.all();
  if (options.coverage_loss > 0) {
    out.loss += options.coverage_loss * coverage_loss(tape, steps.weights.all(), options.coverage_loss * options.scale);
  }
  return out;
}

double update_flops(const Seq2Seq& model, double sentences, double source_length, double target_length) {
  const ModelOptions& options = model.options();
  const double states = source_length / model.encoder().tokens_per_state();  // that attention sees
  // Scores and weighted sum of each attention layer; heads share out the width.
  const double looks = static_cast<double>(model.decoder().attention_heads().size()) * states *
                       static_cast<double>(options.decoder_hidden + memory_columns(options));
  double output = static_cast<double>(model.decoder().output().weight->size());
  if (model.decoder().marginal()) output *= source_length;
  if (model.copy_gate() != nullptr) output += model.copy_gate()->multiply_adds();
  const double products = model.encoder().multiply_adds(source_length) +
                          model.decoder().multiply_adds(states, target_length) + (looks + output) * target_length;
  return 3 * 2 * sentences * products;
}

}  // namespace heed

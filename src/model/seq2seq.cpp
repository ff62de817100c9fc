#include "heed/model/seq2seq.h"

#include <algorithm>
#include <optional>

#include "heed/model/context_entry.h"
#include "input_sampler.h"

namespace heed {

Seq2Seq::Seq2Seq(const ModelOptions& options, const SourceTables& source, int target_vocabulary, std::uint64_t seed)
    : Seq2Seq(options, source, target_vocabulary) {
  Rng rng(seed);
  initialize(encoder_, rng, options.initial);
  initialize(decoder_, rng, options.initial);
  initialize(*output_, rng, options.initial);
}

Seq2Seq::Seq2Seq(const ModelOptions& options, const SourceTables& source, int target_vocabulary)
    : options_(options),
      decoder_(options, target_vocabulary, heed::output_kind(options).reads_embedded),
      encoder_(options, source, options.ties_both() ? &decoder_.table() : nullptr),
      output_(heed::output_kind(options).make(options, decoder_)),
      parameters_(std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
        encoder_.visit(visitor);
        decoder_.visit(visitor);
        output_->visit(visitor);
      })) {}

long Seq2Seq::parameter_count() const {
  long count = 0;
  for (const Parameter* parameter : parameters_->all()) count += parameter->size();
  return count;
}

DecoderMemory Seq2Seq::prepare(Tape& tape, const Encoded& encoded) const {
  DecoderMemory out = decoder_.prepare(tape, encoded);
  out.output = output_->prepare(tape, encoded, 0, nullptr);
  return out;
}

DecoderState Seq2Seq::step(Tape& tape, const DecoderStep& step, DecoderState before) const {
  output_->begin_step(tape, step, before);
  DecoderState now = decoder_.step(tape, step, before);
  output_->end_step(tape, step, before, now);
  return now;
}

ForcedSteps Seq2Seq::run_steps(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                               const LossOptions& options) const {
  Rng* const rng = options.rng;
  std::optional<InputSampler> sampler;
  if (options.sampling > 0) sampler.emplace(*output_, options.sampling, *rng);
  const EncodedBatch encoded = encoder_.encode(tape, source, rng, {}, options.embedded);
  ForcedSteps out{source, target, decoder_.prepare(tape, encoded.memory, std::ssize(target.order), rng),
                  {},     {},     tape.arena().list<DecoderState>(target.step_rows.size())};
  if (sampler) {
    out.input = {
        .ids = target.inputs, .attentional = decoder_.make_attentional(tape, std::ssize(target.inputs)), .first = 0};
  } else {
    out.input = decoder_.embed(tape, target.inputs, rng);
  }
  out.memory.output = output_->prepare(tape, encoded.memory, std::ssize(target.inputs), rng);
  // The decoder's rows stand in the order of the targets' lengths: the first state is brought into it, and every row
  // names its sentence.
  DecoderState state = decoder_.start(tape, encoded).gather(tape, target.order);
  const std::span<int> sentence = tape.arena().array<int>(target.labels.size());
  std::int64_t first = 0;
  for (std::size_t t = 0; t < out.states.size(); ++t) {
    const int rows = target.step_rows[t];
    const std::span<int> of_rows = sentence.subspan(first, rows);
    std::copy_n(target.order.begin(), rows, of_rows.begin());
    DecoderInput input;
    if (sampler) {
      input = decoder_.embed(tape, sampler->choose(tape, std::span(target.inputs).subspan(first, rows)), rng);
      input.attentional = tape.view(out.input.attentional, first, rows);
      input.first = first;
    } else {
      input = out.input.rows(tape, first, rows);
    }
    const DecoderStep now{input, out.memory, of_rows, rng, &target};
    state = step(tape, now, state);
    if (sampler) sampler->take(tape, now, state);
    out.states[t] = state;
    first += rows;
  }
  out.sentence = sentence;
  return out;
}

namespace {

std::span<const float> weights_of_rows(Tape& tape, std::span<const float> weights, std::span<const int> sentences) {
  if (weights.empty()) return {};
  const std::span<float> out = tape.arena().array<float>(sentences.size());
  for (std::size_t r = 0; r < out.size(); ++r) out[r] = weights[static_cast<std::size_t>(sentences[r])];
  return out;
}

}  // namespace

Tensor Seq2Seq::teach(Tape& tape, const SourceBatch& source, const TargetBatch& target) const {
  return run_steps(tape, source, target, {}).input.attentional.value();
}

TeacherForced Seq2Seq::teacher_force(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                                     const LossOptions& options) const {
  ForcedSteps steps = run_steps(tape, source, target, options);
  const CrossEntropyOptions how{.smoothing = options.label_smoothing,
                                .scale = options.scale,
                                .weights = weights_of_rows(tape, options.sentence_weights, steps.sentence),
                                .teachers = options.teachers,
                                .distillation = options.distillation};
  const Loss loss = output_->loss(tape, steps, how, options.rng);
  TeacherForced out{loss.total, loss.log_probability, loss.generated, steps.states};
  if (options.coverage_loss > 0) {
    out.loss += options.coverage_loss * coverage_loss(tape, steps.weights(tape), options.coverage_loss * options.scale);
  }
  if (options.guided_alignment > 0 && !target.aligned_first.empty()) {
    out.loss +=
        options.guided_alignment * alignment_loss(tape, steps.weights(tape), {target.aligned_first, target.aligned},
                                                  options.guided_alignment * options.scale);
  }
  return out;
}

double decoding_flops(const Seq2Seq& model, const WorkSizes& sizes) {
  const ModelOptions& options = model.options();
  const double states = sizes.source_length / model.encoder().tokens_per_state();  // that attention sees
  // Scores and weighted sum of each attention layer; heads share out the width.
  const double looks = static_cast<double>(model.decoder().attention_heads().size()) * states *
                       static_cast<double>(options.decoder_hidden + memory_columns(options));
  const double steps = sizes.hypotheses * sizes.target_length;
  const double products = model.encoder().multiply_adds(sizes.source_length) +
                          model.decoder().multiply_adds(states, steps) +
                          (looks + model.output().multiply_adds(sizes.source_length)) * steps;
  return 2 * sizes.sentences * products;
}

double update_flops(const Seq2Seq& model, const WorkSizes& sizes) { return 3 * decoding_flops(model, sizes); }

}  // namespace heed

#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/decoder.h"

namespace HEED_ENGINE_API heed {

/// The steps of a batch under teacher forcing, for a loss.
struct ForcedSteps {
  const SourceBatch& source;
  const TargetBatch& target;
  DecoderMemory memory;
  DecoderInput input;              ///< of all steps
  std::span<const int> sentence;   ///< of each row of all steps
  ArenaList<DecoderState> states;  ///< of each step
  ArenaList<Variable> mean_weights = {};

  /// The mean attention weights of each step, [rows of the step, longest]; computed at the first call. Empty without
  /// attention.
  std::span<const Variable> weights(Tape& tape);
  /// One variable of each step, stacked.
  template <typename Get>
  Variable rows_of(Tape& tape, Get get) const {
    const ArenaList<Variable> parts = tape.arena().list<Variable>(states.size());
    for (std::size_t t = 0; t < states.size(); ++t) parts[t] = get(states[t]);
    return concat_rows(tape, parts);
  }
};

/// Scores of a row's next token: log p(token i) = logits[i] - log_sum.
struct RowScores {
  std::span<float> logits;  ///< the caller may overwrite them
  float log_sum = 0;
  std::span<const int> tokens = {};     ///< the token of each logit, ascending; empty: token i
  std::span<const int> copied = {};     ///< tokens that can be copied from the row's sentence, ascending, each once
  std::span<const float> copying = {};  ///< log of each one's probability from copying alone
  std::span<float> largest = {};        ///< of each kTopKGroup logits (heed/kernels/softmax.h); empty: not known

  /// For scores without `tokens`; -infinity beyond them.
  float log_probability(std::size_t token) const;
};

/// An output in search, for any number of batches.
class StepOutput {
 public:
  virtual ~StepOutput() = default;
  /// Begins a batch. The arguments and the tape's arena live until the next one.
  virtual void start(Tape&, const SourceBatch&, const DecoderMemory&) {}
  /// Receives a step; its values live until the next one.
  virtual void take(Tape& tape, const DecoderStep& step, const DecoderState& now) = 0;
  /// Scores of a row of that step; valid until the next call.
  virtual RowScores row(std::int64_t r) = 0;
};

/// Makes the probabilities of the next token from the decoder's steps, in training and in search.
class Output : public Module {
 public:
  /// Values for the steps of a batch, under teacher forcing (`rows` of all steps together) or in search (0 rows).
  virtual OutputMemory prepare(Tape&, const Encoded&, std::int64_t /*rows*/, Rng*) const { return {}; }
  /// Before the decoder's step: may update `before` by the tokens that it reads.
  virtual void begin_step(Tape&, const DecoderStep&, DecoderState& /*before*/) const {}
  /// After it: fills now.output.
  virtual void end_step(Tape&, const DecoderStep&, const DecoderState& /*before*/, DecoderState& /*now*/) const {}
  /// Throws Error if the batch lacks its inputs (copies). `rng` is for dropout; needed while recording.
  virtual Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng* rng) const = 0;
  virtual std::unique_ptr<StepOutput> search() const = 0;
  /// W and b if p(y) is just softmax(h~ W + b), of which a shortlist can use some columns; otherwise nullptr.
  virtual const OutputLayer* plain_softmax() const { return nullptr; }
  /// Multiply-adds of the products of one target token.
  virtual double multiply_adds(double source_length) const = 0;
};

/// A line of the table of outputs (output/table.cpp), from which config, `heed list outputs`, model and search follow.
struct OutputKind {
  std::string name;  ///< of model.output
  std::string description;
  std::string paper;
  /// `decoder` outlives it.
  std::unique_ptr<Output> (*make)(const ModelOptions& options, const Decoder& decoder);
  /// Whether other options imply it; nullptr: only model.output names it.
  bool (*implied)(const ModelOptions& options) = nullptr;
  /// Throws UsageError for options that it refuses; nullptr: none.
  void (*check)(const Config& config) = nullptr;
  bool reads_embedded = false;  ///< DecoderInput::embedded
  bool sums_positions = false;  ///< each position's own output, and not that of the context
  bool plain_softmax = false;   ///< of h~ alone: training may draw from it, weigh its rows, distil into it
  bool copies = false;          ///< SourceBatch::copies; labels may be words of the source alone (ExtendedVocabulary)
};
const std::vector<OutputKind>& output_kinds();
/// The kind that model.output names, or for `auto` the one that other options imply, or the first of the table.
const OutputKind& output_kind(const ModelOptions& options);
/// Replaces `auto`, so that equal models have equal options: model.output and model.copy both name the output.
void settle_output(ModelOptions& options);
/// Throws UsageError if the output refuses the rest of the config.
void check_output(const Config& config);

}  // namespace heed

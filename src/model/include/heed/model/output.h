#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/decoder.h"

namespace HEED_ENGINE_API heed {

/// The steps of a batch under teacher forcing: what a loss is made of.
struct ForcedSteps {
  const SourceBatch& source;
  const TargetBatch& target;
  DecoderMemory memory;
  DecoderInput input;              ///< of all steps
  std::span<const int> sentence;   ///< of each row of all steps
  ArenaList<DecoderState> states;  ///< of each step
  ArenaList<Variable> mean_weights = {};

  /// The mean weights of attention at each step, [rows of the step, longest]; made when they are first asked for.
  /// Empty without attention.
  std::span<const Variable> weights(Tape& tape);
  /// One of the variables of each step, below each other.
  template <typename Get>
  Variable rows_of(Tape& tape, Get get) const {
    const ArenaList<Variable> parts = tape.arena().list<Variable>(states.size());
    for (std::size_t t = 0; t < states.size(); ++t) parts[t] = get(states[t]);
    return concat_rows(tape, parts);
  }
};

/// Scores of the next token of a row: log p(token i) = logits[i] - log_sum.
struct RowScores {
  std::span<float> logits;  ///< the caller's to overwrite
  float log_sum = 0;
  std::span<const int> tokens = {};     ///< the token of each logit, rising; empty: logits[i] is that of token i
  std::span<const int> copied = {};     ///< tokens that the row's sentence can give by copying, rising, each once
  std::span<const float> copying = {};  ///< log of the probability that each of them has from copying alone

  /// Of scores without `tokens`; -infinity beyond them.
  float log_probability(std::size_t token) const;
};

/// An output in search: a scorer has one, over any number of batches.
class StepOutput {
 public:
  virtual ~StepOutput() = default;
  /// Begins a batch. The arguments, and what lies in the tape's arena, last until the next one.
  virtual void start(Tape&, const SourceBatch&, const DecoderMemory&) {}
  /// A step was taken; what it is made of lasts until the next one.
  virtual void take(Tape& tape, const DecoderStep& step, const DecoderState& now) = 0;
  /// Scores of a row of that step; valid until the next call.
  virtual RowScores row(std::int64_t r) = 0;
};

/// How the probabilities of the next token are made of the decoder's steps, in training and in search.
class Output : public Module {
 public:
  /// What the steps of a batch need, under teacher forcing (`rows` of all steps together) or in search (0 rows).
  virtual OutputMemory prepare(Tape&, const Encoded&, std::int64_t /*rows*/, Rng*) const { return {}; }
  /// Before the decoder's step: may tell attention what the tokens that it reads say of the step before.
  virtual void begin_step(Tape&, const DecoderStep&, DecoderState& /*before*/) const {}
  /// After it: fills now.output.
  virtual void end_step(Tape&, const DecoderStep&, const DecoderState& /*before*/, DecoderState& /*now*/) const {}
  /// Throws Error if the batch lacks what it needs. `rng` is for dropout; needed while recording.
  virtual Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng* rng) const = 0;
  virtual std::unique_ptr<StepOutput> search() const = 0;
  /// W and b if p(y) = softmax(h~ W + b) and no more: a shortlist can then do with some of their columns. Else nullptr.
  virtual const OutputLayer* plain_softmax() const { return nullptr; }
  /// Multiply-adds of the products of one target token, of a source of so many tokens.
  virtual double multiply_adds(double source_length) const = 0;
};

/// One line of the table of outputs (output/table.cpp): config, `heed list outputs`, model and search know no more.
struct OutputKind {
  std::string name;  ///< of model.output
  std::string description;
  std::string paper;
  /// `decoder` outlives it.
  std::unique_ptr<Output> (*make)(const ModelOptions& options, const Decoder& decoder);
  /// Whether other options ask for it; nullptr: model.output alone does.
  bool (*asked)(const ModelOptions& options) = nullptr;
  /// Throws UsageError for what it does not go together with; nullptr: it goes with everything.
  void (*check)(const Config& config) = nullptr;
  bool reads_embedded = false;  ///< DecoderInput::embedded
  bool copies = false;          ///< SourceBatch::copies; labels may be words of the source alone (ExtendedVocabulary)
};
const std::vector<OutputKind>& output_kinds();
/// What model.output says or, if that is `auto`, what other options ask for, or else the first of the table.
const OutputKind& output_kind(const ModelOptions& options);
/// Throws UsageError for an output that the rest of the config does not go together with.
void check_output(const Config& config);

}  // namespace heed

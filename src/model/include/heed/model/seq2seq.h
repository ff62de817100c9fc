#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/decoder.h"
#include "heed/model/output.h"

namespace HEED_ENGINE_API heed {

/// The result of teacher forcing for a batch.
struct TeacherForced {
  double loss = 0;                         ///< sum over all labels, with label smoothing and coverage loss
  std::span<const float> log_probability;  ///< of each label, in the order of TargetBatch::labels
  std::span<const float> generated;        ///< the share of it that is not copied; empty without copying
  ArenaList<DecoderState> steps;           ///< of each step, with its attention; in the tape's arena
};

struct LossOptions {
  double label_smoothing = 0;
  double scale = 1;          ///< factor of the gradient
  Rng* rng = nullptr;        ///< for dropout; needed while recording
  double coverage_loss = 0;  ///< factor of the coverage loss over the mean of the weights
  /// Scheduled sampling (Bengio et al. 2015): the probability that the decoder reads, in the place of the true token,
  /// one drawn from what it gave for the previous step. Needs `rng`, and an output that is just a softmax.
  double sampling = 0;
  // For an output that is just a softmax (OutputKind::plain_softmax):
  std::span<const float> sentence_weights = {};  ///< factors of each sentence's loss; empty: 1
  std::span<const TeacherOutput> teachers = {};  ///< CrossEntropyOptions::teachers, of the rows of all steps
  double distillation = 0;                       ///< their share in the loss
  double guided_alignment = 0;  ///< factor of alignment_loss() where the batch has links (pack_links())
  /// Gets the embeddings of the source [rows of SourceBatch, E], with features, for their gradients.
  Variable* embedded = nullptr;
};

/// Encoder, decoder and output. Parameters only: a batch's values live on the tape, so one model serves any number of
/// threads.
class Seq2Seq {
 public:
  /// Random weights; the same options and seed give the same.
  Seq2Seq(const ModelOptions& options, const SourceTables& source, int target_vocabulary, std::uint64_t seed);
  /// Parameters without values, to load into.
  Seq2Seq(const ModelOptions& options, const SourceTables& source, int target_vocabulary);

  /// Teacher forcing: the decoder reads the true target. While recording, Tape::backward() then gives the gradients.
  /// A model that copies (OutputKind::copies) needs source.copies, else Error.
  TeacherForced teacher_force(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                              const LossOptions& options) const;

  /// h~ of the rows of all steps under teacher forcing, [rows, ModelOptions::output_columns()]: for TeacherOutput.
  Tensor teach(Tape& tape, const SourceBatch& source, const TargetBatch& target) const;

  const Encoder& encoder() const { return encoder_; }
  const Decoder& decoder() const { return decoder_; }
  const Output& output() const { return *output_; }
  const OutputKind& output_kind() const { return heed::output_kind(options_); }
  /// The decoder's values for a batch, for search.
  DecoderMemory prepare(Tape& tape, const Encoded& encoded) const;
  /// One step of decoder and output.
  DecoderState step(Tape& tape, const DecoderStep& step, DecoderState before) const;
  const ModelOptions& options() const { return options_; }
  ParameterList& parameters() { return *parameters_; }
  const ParameterList& parameters() const { return *parameters_; }
  long parameter_count() const;
  /// Keeps the parameters' memory (a mapped file) alive as long as the model.
  void keep(std::shared_ptr<const void> memory) { memory_ = std::move(memory); }

 private:
  ForcedSteps run_steps(Tape& tape, const SourceBatch& source, const TargetBatch& target,
                        const LossOptions& options) const;

  ModelOptions options_;
  std::shared_ptr<const void> memory_;
  Decoder decoder_;
  Encoder encoder_;  // may have the decoder's embeddings
  std::unique_ptr<Output> output_;
  std::unique_ptr<ParameterList> parameters_;
};

/// How much work is counted.
struct WorkSizes {
  double sentences = 1;
  double source_length = 1;
  double target_length = 1;
  double hypotheses = 1;  ///< of each sentence
};
/// Operations of the products of decoding, counted from the shapes.
double decoding_flops(const Seq2Seq& model, const WorkSizes& sizes);
/// Of those of an update: forward, and twice that backward.
double update_flops(const Seq2Seq& model, const WorkSizes& sizes);

}  // namespace heed

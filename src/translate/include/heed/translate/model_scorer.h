#pragma once
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "heed/model/seq2seq.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// Scores of the next token, row by row: log p(v | row) = logits[row, v] - log_sum[row]. Valid until the next step.
struct StepScores {
  Tensor logits;                   ///< [rows, V]
  std::span<const float> log_sum;  ///< [rows]

  float log_probability(std::int64_t row, std::size_t token) const {
    return logits.row(row)[token] - log_sum[static_cast<std::size_t>(row)];
  }
};

/// A scorer that is given batches of sources, one after the other.
class BatchScorer : public StepScorer {
 public:
  /// Begins a batch: sentence i has the ids sources[i], without marks. Memory of the batch before is used again.
  virtual void start(std::span<const std::vector<int>> sources) = 0;
};

/// One model over a batch of sources. The sources are encoded and their attention memory is prepared once; hypotheses
/// of a sentence share it. The begin mark keeps its share of the probability but is never proposed. Used by one thread
/// at a time; any number of scorers may use one model.
class ModelScorer : public BatchScorer {
 public:
  /// `model` must live as long as the scorer, its weights packed.
  explicit ModelScorer(const Seq2Seq& model) : model_(model) {}
  ModelScorer(const ModelScorer&) = delete;
  ModelScorer& operator=(const ModelScorer&) = delete;

  void start(std::span<const std::vector<int>> sources) override;
  /// What advance() does before it chooses: rows, state and attention move on.
  StepScores step(std::span<const int> parents, std::span<const int> tokens);

  void advance(std::span<const int> parents, std::span<const int> tokens, int k,
               std::vector<Continuation>& out) override;
  std::span<const float> attention(int row) const override;
  int vocabulary_size() const override { return model_.decoder().vocabulary(); }

 private:
  DecoderState gather(Tape& tape, std::span<const int> parents) const;

  const Seq2Seq& model_;
  SourceBatch source_;
  Arena encoded_;                // the sources, for the whole batch
  std::array<Arena, 2> arenas_;  // the last step, and the one that is being made of it
  std::size_t turn_ = 0;
  AttentionMemory memory_;
  DecoderState state_;
  std::vector<int> sentences_;  // of each row of the last step
  std::vector<int> previous_sentences_;
};

/// Several models of the same vocabularies as one: log of the mean of their probabilities, mean of their attentions.
class EnsembleScorer : public BatchScorer {
 public:
  explicit EnsembleScorer(std::span<const Seq2Seq* const> models);

  void start(std::span<const std::vector<int>> sources) override;
  void advance(std::span<const int> parents, std::span<const int> tokens, int k,
               std::vector<Continuation>& out) override;
  std::span<const float> attention(int row) const override;
  int vocabulary_size() const override { return members_.front()->vocabulary_size(); }

 private:
  void average(std::int64_t row);

  std::vector<std::unique_ptr<ModelScorer>> members_;
  std::vector<StepScores> steps_;         // of each member
  std::vector<float> mean_;               // [V] of one row
  mutable std::vector<float> attention_;  // of the row that was asked for last
};

}  // namespace heed

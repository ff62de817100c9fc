#pragma once
#include <array>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/seq2seq.h"
#include "heed/search/step_scorer.h"

namespace HEED_ENGINE_API heed {

class CopyTargets;
class LimitedOutput;
class Shortlist;
class WordMemo;

/// Scores of the next token, row by row: log p(v | row) = logits[row, v] - log_sum[row]. Valid until the next step.
struct StepScores {
  Tensor logits;                   ///< [rows, V], or more columns: words of the sentences themselves, which are copied
  std::span<const float> log_sum;  ///< [rows]

  float log_probability(std::int64_t row, std::size_t token) const {
    if (static_cast<std::int64_t>(token) >= logits.columns) return -std::numeric_limits<float>::infinity();
    return logits.row(row)[token] - log_sum[static_cast<std::size_t>(row)];
  }
};

/// A scorer that is given batches of sources, one after the other.
class BatchScorer : public StepScorer {
 public:
  /// Begins a batch: sentence i has the ids sources[i], without marks. Memory of the batch before is used again.
  /// `copies` are the target ids that its tokens are copied as (ExtendedVocabulary), for models that copy; ids from
  /// vocabulary_size() on are then proposed too. Throws Error if such a model gets none.
  virtual void start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) = 0;
  void start(std::span<const std::vector<int>> sources) { start(sources, {}); }
  /// From the next batch on, a sentence's continuations are the tokens of its short list; the rest are forbidden and
  /// have no share of the probability. nullptr: all tokens. Throws UsageError where there are several models, or
  /// one that copies.
  virtual void limit(std::shared_ptr<const Shortlist> shortlist) = 0;
};

/// One model over a batch of sources. The sources are encoded and their attention memory is prepared once; hypotheses
/// of a sentence share it. The begin mark keeps its share of the probability but is never proposed. Used by one thread
/// at a time; any number of scorers may use one model.
class ModelScorer : public BatchScorer {
 public:
  /// No more than this is kept of a vocabulary's projections: every scorer has its own.
  static constexpr std::int64_t kMemoBytes = std::int64_t{4} << 20;
  /// `model` must live as long as the scorer, its weights packed after every change of a parameter. What the first
  /// layers make of a word is kept, for source and target up to `memo_bytes` each.
  explicit ModelScorer(const Seq2Seq& model, std::int64_t memo_bytes = kMemoBytes);
  ~ModelScorer() override;
  ModelScorer(const ModelScorer&) = delete;
  ModelScorer& operator=(const ModelScorer&) = delete;

  using BatchScorer::start;
  void start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) override;
  void limit(std::shared_ptr<const Shortlist> shortlist) override;
  /// What advance() does before it chooses: rows, state and attention move on. Of the whole vocabulary, always.
  StepScores step(std::span<const int> parents, std::span<const int> tokens);

  void advance(std::span<const int> parents, std::span<const int> tokens, int k,
               std::vector<Continuation>& out) override;
  std::span<const float> attention(int row) const override;
  int vocabulary_size() const override { return model_.decoder().vocabulary(); }
  /// The ids that a row can have by copying, and the logarithms of the probabilities that they have from it. Empty of a
  /// model that does not copy. Valid until the next call.
  struct CopyScores {
    std::span<const int> ids;
    std::span<const float> log_probability;
  };
  CopyScores copy_scores(int row) const;
  /// Tokens of the sentence that a row looks at, its end mark included.
  std::size_t source_length(int row) const {
    return static_cast<std::size_t>(
        source_.lengths[static_cast<std::size_t>(sentences_[static_cast<std::size_t>(row)])]);
  }

 private:
  void check_memos();
  Directions source_words(Tape& tape);
  Variable target_words(Tape& tape, std::span<const int> words);
  void advance_state(std::span<const int> parents, std::span<const int> tokens);
  StepScores scores(std::int64_t first, const Tensor& logits, std::span<float> log_sum) const;
  DecoderState gather(Tape& tape, std::span<const int> parents) const;
  void advance_limited(int k, std::span<Continuation> out);
  void advance_whole(int k, std::span<Continuation> out);
  void sum_positions(std::int64_t row, std::span<float> out);
  bool copies() const { return model_.copy_gate() != nullptr; }
  std::int64_t columns() const;
  void mix(std::int64_t row, const float* logits, float log_sum, std::span<float> out) const;
  void propose(std::int64_t row, std::span<float> logits, float log_sum, std::span<Continuation> out);

  const Seq2Seq& model_;
  SourceBatch source_;
  Arena encoded_;                // the sources, for the whole batch
  std::array<Arena, 2> arenas_;  // the last step, and the one that is being made of it
  std::size_t turn_ = 0;
  DecoderMemory memory_;
  DecoderState state_;
  std::unique_ptr<WordMemo> source_words_;
  std::unique_ptr<WordMemo> target_words_;
  std::int64_t memo_bytes_;
  long packings_ = -1;          // ParameterList::packings() that they are of
  std::vector<int> sentences_;  // of each row of the last step
  std::vector<int> previous_sentences_;
  std::unique_ptr<LimitedOutput> limited_;  // nullptr: no short list
  std::unique_ptr<CopyTargets> targets_;    // of the batch; nullptr: the model does not copy
  Variable gate_;                           // [rows, 1] of the last step, of a model that copies
  Variable weights_;                        // [rows, longest]
  Buffer position_states_;                  // [longest, Hd] of the row that is looked at
  Buffer position_logits_;                  // [longest, V]
  std::vector<float> mixture_;              // of the row that is looked at
  mutable std::vector<float> copy_scores_;  // of the row that was asked for last
  mutable std::vector<float> attention_;    // of the row that was asked for last
};

/// Several models of the same vocabularies as one: log of the mean of their probabilities, mean of their attentions.
class EnsembleScorer : public BatchScorer {
 public:
  explicit EnsembleScorer(std::span<const Seq2Seq* const> models);

  using BatchScorer::start;
  void start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) override;
  void limit(std::shared_ptr<const Shortlist> shortlist) override;
  void advance(std::span<const int> parents, std::span<const int> tokens, int k,
               std::vector<Continuation>& out) override;
  std::span<const float> attention(int row) const override;
  int vocabulary_size() const override { return members_.front()->vocabulary_size(); }

 private:
  void average(std::int64_t row);
  void mark(int row, std::span<Continuation> out);

  std::vector<std::unique_ptr<ModelScorer>> members_;
  std::vector<StepScores> steps_;         // of each member
  std::vector<float> mean_;               // [V] of one row, and of what is copied
  std::vector<float> copied_;             // of the ids that one row can copy
  mutable std::vector<float> attention_;  // of the row that was asked for last
};

}  // namespace heed

#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/seq2seq.h"
#include "heed/search/step_scorer.h"
#include "heed/translate/ensemble.h"

namespace HEED_ENGINE_API heed {

class BatchEncoder;
class Shortlist;
class TokenCache;

/// A batch as the models of an ensemble read it: each may cut the sentences in its own way.
struct EnsembleSources {
  std::vector<SourceIds> of_model;
  /// [models][sentences] whether a model's source tokens are those of the first; empty: all are.
  std::vector<std::vector<bool>> agrees = {};
};

/// A scorer of batches of sources, one after the other.
class BatchScorer : public StepScorer {
 public:
  /// Begins a batch: sentence i has the ids sources.tokens[i], without BOS and EOS. Models that copy need
  /// sources.copies (ExtendedVocabulary), and may propose ids from vocabulary_size() on; those that read features need
  /// sources.features. Throws Error if such a model gets none.
  virtual void start(const SourceIds& sources) = 0;
  void start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies = {}) {
    const std::vector<std::span<const int>> tokens = views_of(sources), copied = views_of(copies);
    start({.tokens = tokens, .copies = copied});
  }
  /// The same with what each model reads. Throws Error if there is not one for each.
  virtual void start(const EnsembleSources& sources);
  /// From the next batch on, a sentence's continuations are the tokens of its shortlist; the rest are forbidden and
  /// have no share of the probability. nullptr: all tokens. Throws UsageError where no shortlist serves.
  virtual void set_shortlist(std::shared_ptr<const Shortlist> shortlist) = 0;
};

/// One model over a batch of sources, which are encoded once, with their attention memory; hypotheses of a sentence
/// share it. BOS keeps its share of the probability but is never proposed. Used by one thread at a time; any number of
/// scorers may use one model.
class ModelScorer : public BatchScorer {
 public:
  /// Bound of each token cache: every scorer has its own.
  static constexpr std::int64_t kCacheBytes = std::int64_t{4} << 20;
  /// `model` must live as long as the scorer, its weights packed after every change of a parameter. What the first
  /// layers make of a token is kept, for source and target up to `cache_bytes` each.
  explicit ModelScorer(const Seq2Seq& model, std::int64_t cache_bytes = kCacheBytes);
  ~ModelScorer() override;
  ModelScorer(const ModelScorer&) = delete;
  ModelScorer& operator=(const ModelScorer&) = delete;

  using BatchScorer::start;
  void start(const SourceIds& sources) override;
  void set_shortlist(std::shared_ptr<const Shortlist> shortlist) override;
  /// Of the attention's weights in the steps from now on; it must live as long. nullptr: none.
  void change_attention(const WeightChange* change) { change_ = change; }
  /// A row's scores in the last step. Valid until the next call.
  RowScores scores(int row) { return output_->row(row); }

  void advance(std::span<const int> parents, std::span<const int> tokens) override;
  void best(int row, std::span<Continuation> out) override;
  void by(int row, std::span<const int> tokens, std::span<Continuation> out) override;
  AttentionRow attention(int row) const override;
  int vocabulary_size() const override { return model_.decoder().vocabulary(); }

 private:
  void refresh_caches();
  Directions source_projections(Tape& tape);
  Variable target_projections(Tape& tape, std::span<const int> tokens);
  DecoderState gather(Tape& tape, std::span<const int> parents) const;

  const Seq2Seq& model_;
  SourceBatch source_;
  std::unique_ptr<BatchEncoder> batch_encoder_;
  Arena encoded_;                // encoder states, for the whole batch
  std::array<Arena, 2> arenas_;  // alternately the last step's and the next one's
  std::size_t turn_ = 0;
  DecoderMemory memory_;
  DecoderState state_;
  std::unique_ptr<TokenCache> source_cache_;
  std::unique_ptr<TokenCache> target_cache_;
  std::int64_t cache_bytes_;
  long packings_ = -1;          // ParameterList::packings() of the caches
  std::vector<int> sentences_;  // of each row of the last step
  std::vector<int> previous_sentences_;
  std::shared_ptr<const Shortlist> shortlist_;
  std::unique_ptr<StepOutput> output_;
  const WeightChange* change_ = nullptr;
};

/// Several models of one target vocabulary: the mean of their probabilities, or of the logarithms. A row's attention is
/// the mean, by the weights of the models, of those models that attend and whose source tokens are the first one's;
/// that of each is in AttentionRow::members.
class EnsembleScorer : public BatchScorer {
 public:
  /// Throws Error for weights that are not one for each model and more than 0.
  explicit EnsembleScorer(std::span<const Seq2Seq* const> models, const EnsembleOptions& options = {});

  using BatchScorer::start;
  void start(const SourceIds& sources) override;
  void start(const EnsembleSources& sources) override;
  void set_shortlist(std::shared_ptr<const Shortlist> shortlist) override;
  void advance(std::span<const int> parents, std::span<const int> tokens) override;
  void best(int row, std::span<Continuation> out) override;
  void by(int row, std::span<const int> tokens, std::span<Continuation> out) override;
  AttentionRow attention(int row) const override;
  int vocabulary_size() const override { return members_.front()->vocabulary_size(); }

 private:
  const RowScores& combine(int row);
  void take_mean();
  void take_weighted_sum(float& log_sum);
  void combine_copying(RowScores& out);

  std::vector<std::unique_ptr<ModelScorer>> members_;
  std::vector<float> weights_;  // of each; their sum is 1
  Combine how_;
  std::vector<std::vector<bool>> agrees_;
  std::vector<int> sentences_;     // of each row of the last step
  std::vector<RowScores> scores_;  // of each member, of one row
  std::vector<float> combined_;    // [V] of that row, and of its sentence's copied words
  int row_ = -1;                   // that row of the step, or none
  RowScores of_row_;               // and what it came to
  std::vector<float> rows_;        // [members, V] what it is made of
  std::vector<float> offsets_;     // of each of them
  std::vector<float> copying_;     // of the tokens that can be copied
};

}  // namespace heed

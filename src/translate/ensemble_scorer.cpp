#include <algorithm>
#include <cmath>
#include <limits>

#include "continuations.h"
#include "heed/base/error.h"
#include "heed/translate/model_scorer.h"

namespace heed {

EnsembleScorer::EnsembleScorer(std::span<const Seq2Seq* const> models) {
  if (models.empty()) throw Error(ErrorKind::kModel, "an ensemble needs at least one model");
  for (const Seq2Seq* model : models) members_.push_back(std::make_unique<ModelScorer>(*model));
  for (const auto& member : members_) {
    if (member->vocabulary_size() != EnsembleScorer::vocabulary_size())
      throw Error(ErrorKind::kModel, "models of an ensemble differ in their vocabularies");
  }
}

void EnsembleScorer::start(const SourceIds& sources) {
  for (const auto& member : members_) member->start(sources);
}

void EnsembleScorer::set_shortlist(std::shared_ptr<const Shortlist> shortlist) {
  if (shortlist != nullptr) throw UsageError("a shortlist serves one model, not an ensemble");
}

void EnsembleScorer::advance(std::span<const int> parents, std::span<const int> tokens) {
  for (const auto& member : members_) member->advance(parents, tokens);
}

void EnsembleScorer::best(int row, std::span<Continuation> out) { best_continuations(mean(row), out); }

void EnsembleScorer::by(int row, std::span<const int> tokens, std::span<Continuation> out) {
  continuations_by(mean(row), tokens, out);
}

/// log of the mean over models of exp(log p): the largest is taken out, so that nothing underflows.
RowScores EnsembleScorer::mean(int row) {
  scores_.clear();
  for (const auto& member : members_) scores_.push_back(member->scores(row));
  std::size_t columns = 0;
  for (const RowScores& scores : scores_) columns = std::max(columns, scores.logits.size());
  mean_.resize(columns);
  const float count = std::log(static_cast<float>(scores_.size()));
  for (std::size_t v = 0; v < columns; ++v) {
    float largest = -std::numeric_limits<float>::infinity();
    for (const RowScores& scores : scores_) largest = std::max(largest, scores.log_probability(v));
    if (largest == -std::numeric_limits<float>::infinity()) {  // a word of another sentence
      mean_[v] = largest;
      continue;
    }
    float sum = 0;
    for (const RowScores& scores : scores_) sum += std::exp(scores.log_probability(v) - largest);
    mean_[v] = largest + std::log(sum) - count;
  }
  RowScores out{.logits = mean_};
  for (const RowScores& scores : scores_) {
    if (!scores.copied.empty()) out.copied = scores.copied;  // the same of all: they have the same vocabularies
  }
  copying_.assign(out.copied.size(), 0.0F);
  for (const RowScores& scores : scores_) {
    for (std::size_t i = 0; i < scores.copying.size(); ++i) copying_[i] += std::exp(scores.copying[i]);
  }
  for (float& sum : copying_) sum = std::log(sum / static_cast<float>(scores_.size()));
  out.copying = copying_;
  return out;
}

/// Layers and heads of different models do not go together.
AttentionRow EnsembleScorer::attention(int row) const {
  AttentionRow out;
  float attending = 0;
  for (const auto& member : members_) {
    const std::vector<float> weights = member->attention(row).mean;
    if (weights.empty()) continue;
    out.mean.resize(weights.size());
    for (std::size_t s = 0; s < weights.size(); ++s) out.mean[s] += weights[s];
    attending += 1;
  }
  for (float& weight : out.mean) weight /= attending;
  return out;
}

}  // namespace heed

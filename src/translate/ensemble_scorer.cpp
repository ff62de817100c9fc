#include <algorithm>
#include <cmath>
#include <limits>

#include "continuations.h"
#include "copy_targets.h"
#include "heed/base/error.h"
#include "heed/translate/model_scorer.h"

namespace heed {

EnsembleScorer::EnsembleScorer(std::span<const Seq2Seq* const> models) {
  if (models.empty()) throw Error("an ensemble needs at least one model");
  for (const Seq2Seq* model : models) members_.push_back(std::make_unique<ModelScorer>(*model));
  for (const auto& member : members_) {
    if (member->vocabulary_size() != EnsembleScorer::vocabulary_size())
      throw Error("models of an ensemble differ in their vocabularies");
  }
}

void EnsembleScorer::start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) {
  for (const auto& member : members_) member->start(sources, copies);
}

void EnsembleScorer::limit(std::shared_ptr<const Shortlist> shortlist) {
  if (shortlist != nullptr) throw UsageError("a short list serves one model, not an ensemble");
}

void EnsembleScorer::advance(std::span<const int> parents, std::span<const int> tokens, int k,
                             std::vector<Continuation>& out) {
  steps_.clear();
  for (const auto& member : members_) steps_.push_back(member->step(parents, tokens));
  std::int64_t columns = 0;
  for (const StepScores& step : steps_) columns = std::max(columns, step.logits.columns);
  mean_.resize(static_cast<std::size_t>(columns));
  out.resize(parents.size() * static_cast<std::size_t>(k));
  for (std::size_t r = 0; r < parents.size(); ++r) {
    average(static_cast<std::int64_t>(r));
    const auto first = r * static_cast<std::size_t>(k);
    const auto of_row = std::span(out).subspan(first, static_cast<std::size_t>(k));
    best_continuations(mean_, 0, of_row);
    mark(static_cast<int>(r), of_row);
  }
}

/// mean_ = log of the mean over models of exp(log p): the largest is taken out, so that nothing underflows.
void EnsembleScorer::average(std::int64_t row) {
  const float count = std::log(static_cast<float>(steps_.size()));
  for (std::size_t v = 0; v < mean_.size(); ++v) {
    float largest = -std::numeric_limits<float>::infinity();
    for (const StepScores& step : steps_) largest = std::max(largest, step.log_probability(row, v));
    if (largest == -std::numeric_limits<float>::infinity()) {  // a word of another sentence
      mean_[v] = largest;
      continue;
    }
    float sum = 0;
    for (const StepScores& step : steps_) sum += std::exp(step.log_probability(row, v) - largest);
    mean_[v] = largest + std::log(sum) - count;
  }
}

/// Of the mean too, copied is what has more than half of its probability from copying.
void EnsembleScorer::mark(int row, std::span<Continuation> out) {
  std::span<const int> ids;
  copied_.clear();
  for (const auto& member : members_) {
    const ModelScorer::CopyScores scores = member->copy_scores(row);
    if (scores.ids.empty()) continue;
    ids = scores.ids;  // the same of all: they have the same vocabularies
    copied_.resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) copied_[i] += std::exp(scores.log_probability[i]);
  }
  for (float& sum : copied_) sum = std::log(sum / static_cast<float>(members_.size()));
  mark_copied(ids, copied_, out);
}

std::span<const float> EnsembleScorer::attention(int row) const {
  attention_.clear();
  float attending = 0;
  for (const auto& member : members_) {
    std::span<const float> weights = member->attention(row);
    if (weights.empty()) continue;
    weights = weights.first(member->source_length(row));  // layers and heads of different models do not go together
    attention_.resize(weights.size());
    for (std::size_t s = 0; s < weights.size(); ++s) attention_[s] += weights[s];
    attending += 1;
  }
  for (float& weight : attention_) weight /= attending;
  return attention_;
}

}  // namespace heed

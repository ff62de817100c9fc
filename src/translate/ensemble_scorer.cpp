#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "continuations.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/softmax.h"
#include "heed/translate/model_scorer.h"

namespace heed {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

std::vector<float> EnsembleOptions::shares(std::size_t models) const {
  if (weights.empty()) return std::vector<float>(models, 1.0F / static_cast<float>(models));
  if (weights.size() != models)
    throw UsageError(fmt::format("there are {} weights for {} models", weights.size(), models));
  for (const double weight : weights) {
    if (!(weight > 0) || !std::isfinite(weight))
      throw UsageError(fmt::format("a model's weight is {}; it must be more than 0", weight));
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<float> out;
  for (const double weight : weights) out.push_back(static_cast<float>(weight / sum));
  return out;
}

void BatchScorer::start(const EnsembleSources& sources) {
  if (sources.of_model.size() != 1) {
    throw Error(ErrorKind::kArgument, fmt::format("{} sources for one model", sources.of_model.size()));
  }
  start(sources.of_model.front());
}

EnsembleScorer::EnsembleScorer(std::span<const Seq2Seq* const> models, const EnsembleOptions& options)
    : weights_(options.shares(models.size())), how_(options.combine) {
  if (models.empty()) throw Error(ErrorKind::kModel, "an ensemble needs at least one model");
  for (const Seq2Seq* model : models) members_.push_back(std::make_unique<ModelScorer>(*model));
  for (const auto& member : members_) {
    if (member->vocabulary_size() != EnsembleScorer::vocabulary_size())
      throw Error(ErrorKind::kModel, "models of an ensemble differ in their target vocabularies");
  }
}

void EnsembleScorer::start(const SourceIds& sources) {
  start(EnsembleSources{.of_model = std::vector(members_.size(), sources)});
}

void EnsembleScorer::start(const EnsembleSources& sources) {
  if (sources.of_model.size() != members_.size()) {
    throw Error(ErrorKind::kArgument,
                fmt::format("{} sources for {} models", sources.of_model.size(), members_.size()));
  }
  for (std::size_t m = 0; m < members_.size(); ++m) members_[m]->start(sources.of_model[m]);
  agrees_ = sources.agrees;
  sentences_.resize(sources.of_model.front().tokens.size());
  std::iota(sentences_.begin(), sentences_.end(), 0);
}

void EnsembleScorer::set_shortlist(std::shared_ptr<const Shortlist> shortlist) {
  for (const auto& member : members_) member->set_shortlist(shortlist);
}

void EnsembleScorer::advance(std::span<const int> parents, std::span<const int> tokens) {
  for (const auto& member : members_) member->advance(parents, tokens);
  row_ = -1;
  std::vector<int> sentences;
  for (const int parent : parents) sentences.push_back(sentences_[static_cast<std::size_t>(parent)]);
  sentences_ = std::move(sentences);
}

void EnsembleScorer::best(int row, std::span<Continuation> out) { best_continuations(combine(row), out); }

void EnsembleScorer::by(int row, std::span<const int> tokens, std::span<Continuation> out) {
  continuations_by(combine(row), tokens, out);
}

const RowScores& EnsembleScorer::combine(int row) {
  if (row == row_) return of_row_;
  scores_.clear();
  for (const auto& member : members_) scores_.push_back(member->scores(row));
  std::size_t columns = 0;  // a row has fewer where a model cannot copy the words behind
  for (const RowScores& scores : scores_) columns = std::max(columns, scores.logits.size());
  combined_.resize(columns);
  of_row_ = {.logits = combined_, .tokens = scores_.front().tokens};  // those of a shortlist are the same of all
  how_ == Combine::kMean ? take_mean() : take_weighted_sum(of_row_.log_sum);
  combine_copying(of_row_);
  row_ = row;
  return of_row_;
}

/// log of the sum of w p.
void EnsembleScorer::take_mean() {
  const std::size_t columns = combined_.size();
  rows_.resize(scores_.size() * columns);
  offsets_.clear();
  auto to = rows_.begin();
  for (std::size_t m = 0; m < scores_.size(); ++m) {
    const std::span<const float> logits = scores_[m].logits;
    to = std::copy(logits.begin(), logits.end(), to);
    to = std::fill_n(to, columns - logits.size(), kNever);
    offsets_.push_back(std::log(weights_[m]) - scores_[m].log_sum);
  }
  const auto models = static_cast<std::int64_t>(scores_.size());
  log_sum_exp_of_rows({rows_.data(), models, static_cast<std::int64_t>(columns)}, offsets_, combined_);
}

/// Sum of w log p; log of the sum of its exp.
void EnsembleScorer::take_weighted_sum(float& log_sum) {
  std::fill(combined_.begin(), combined_.end(), 0.0F);
  for (std::size_t m = 0; m < scores_.size(); ++m) {
    const std::span<const float> logits = scores_[m].logits;
    const float offset = -weights_[m] * scores_[m].log_sum;
    for (std::size_t v = 0; v < logits.size(); ++v) combined_[v] += weights_[m] * logits[v] + offset;
    std::fill(combined_.begin() + static_cast<std::ptrdiff_t>(logits.size()), combined_.end(), kNever);
  }
  log_sum_exp({combined_.data(), 1, static_cast<std::int64_t>(combined_.size())}, nullptr, std::span(&log_sum, 1));
}

/// What a token has from copying is combined as its probability is; a model that does not copy has nothing.
void EnsembleScorer::combine_copying(RowScores& out) {
  for (const RowScores& scores : scores_) {
    if (!scores.copied.empty()) out.copied = scores.copied;  // the same of all
  }
  copying_.assign(out.copied.size(), how_ == Combine::kMean ? 0.0F : -out.log_sum);
  for (std::size_t m = 0; m < scores_.size(); ++m) {
    for (std::size_t i = 0; i < copying_.size(); ++i) {
      const float copying = scores_[m].copying.empty() ? kNever : scores_[m].copying[i];
      copying_[i] += weights_[m] * (how_ == Combine::kMean ? std::exp(copying) : copying);
    }
  }
  if (how_ == Combine::kMean) {
    for (float& sum : copying_) sum = std::log(sum);
  }
  out.copying = copying_;
}

AttentionRow EnsembleScorer::attention(int row) const {
  AttentionRow out;
  const auto sentence = static_cast<std::size_t>(sentences_[static_cast<std::size_t>(row)]);
  float sum = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    out.members.push_back(members_[m]->attention(row));
    const std::vector<float>& weights = out.members.back().mean;
    if (weights.empty() || (!agrees_.empty() && !agrees_[m][sentence])) continue;
    out.mean.resize(weights.size());
    for (std::size_t s = 0; s < weights.size(); ++s) out.mean[s] += weights_[m] * weights[s];
    sum += weights_[m];
  }
  for (float& weight : out.mean) weight /= sum;
  return out;
}

}  // namespace heed

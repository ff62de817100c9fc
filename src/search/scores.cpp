#include "scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "heed/base/error.h"
#include "heed/base/length_limit.h"

namespace heed {

namespace {

/// What attention, a row for each token, adds to the score; never more than 0.
double coverage_score(const std::vector<AttentionRow>& attention, const SearchOptions& options) {
  const Ranking& ranking = options.ranking;
  if (ranking.coverage_penalty == 0 || attention.empty()) return 0;
  std::vector<double> coverage(attention.front().mean.size());
  for (const AttentionRow& row : attention) {
    for (std::size_t s = 0; s < coverage.size(); ++s) coverage[s] += static_cast<double>(row.mean[s]);
  }
  if (options.source_ends && coverage.size() > 1) coverage.pop_back();
  double sum = 0;
  for (const double one : coverage) {
    sum += ranking.coverage == CoverageScore::kGnmt ? std::log(std::clamp(one, 1e-10, 1.0)) : 1 - std::max(one, 1.0);
  }
  return ranking.coverage_penalty * sum;
}

}  // namespace

int max_target_length(int source_length, const SearchOptions& options) {
  if (options.forced_length > 0) return options.forced_length;
  return length_limit(options.max_length_factor, options.max_length_extra, source_length);
}

int min_target_length(int source_length, const SearchOptions& options) {
  return std::min(length_limit(options.min_length_factor, options.min_length_extra, source_length),
                  max_target_length(source_length, options));
}

double ranked_score(double log_probability, int length, const Ranking& ranking) {
  const auto divisor = [&] {
    switch (ranking.normalization) {
      case Normalization::kNone:
        return 1.0;
      case Normalization::kGnmt:
        return std::pow((5.0 + length) / 6.0, ranking.length_penalty);
      case Normalization::kAverage:
        return static_cast<double>(length);
      default:
        return std::pow(length, ranking.length_penalty);
    }
  };
  return log_probability / divisor() + ranking.word_reward * length;
}

void finish(Hypothesis& hypothesis, const SearchOptions& options) {
  const auto length = static_cast<int>(hypothesis.tokens.size());
  hypothesis.score =
      ranked_score(hypothesis.log_probability, length, options.ranking) + coverage_score(hypothesis.attention, options);
  hypothesis.cut = hypothesis.tokens.back() != options.end_token && options.forced_length == 0;
  if (!options.keep_attention) hypothesis.attention.clear();
}

// A log-probability can only fall, a coverage score is never more than 0, and every divisor grows with the length.
double best_reachable_score(double log_probability, int length, int limit, const Ranking& ranking) {
  Ranking without = ranking;
  without.word_reward = 0;
  const int best_rewarded = ranking.word_reward > 0 ? limit : length + 1;
  return ranked_score(log_probability, limit, without) + ranking.word_reward * best_rewarded;
}

void check_continuations(std::span<const Continuation> continuations) {
  for (const Continuation& c : continuations) {
    if (!(c.log_probability < std::numeric_limits<float>::infinity())) {
      throw Error(ErrorKind::kNumeric, "the model's scores are not finite");
    }
  }
}

void throw_no_continuation(int sentence) {
  throw Error(ErrorKind::kNumeric, "the model's scores, or the rules of the search, leave no token for sentence " +
                                       std::to_string(sentence + 1) + " of the batch");
}

}  // namespace heed

#include "greedy_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "scores.h"
#include "token_rules.h"

namespace heed {

namespace {

/// The best continuation of a row that may be taken.
const Continuation& best_of(std::span<const Continuation> continuations, int sentence) {
  const Continuation& best = continuations.front();
  if (best.log_probability == -std::numeric_limits<float>::infinity()) throw_no_continuation(sentence);
  return best;
}

}  // namespace

std::vector<std::vector<Hypothesis>> greedy_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                   const SearchOptions& options) {
  std::vector<std::vector<Hypothesis>> results(source_lengths.size(), std::vector<Hypothesis>(1));
  std::vector<int> sentences(source_lengths.size());  // of each row, in order
  std::iota(sentences.begin(), sentences.end(), 0);
  StepTokens step{sentences, std::vector<int>(sentences.size(), options.begin_token)};
  TokenRules rules(options);
  std::vector<Continuation> continuations;

  for (int length = 1; !sentences.empty(); ++length) {
    const auto history = [&](std::size_t row, std::vector<int>* tokens) {
      const int sentence = sentences[row];
      if (tokens != nullptr) *tokens = results[sentence][0].tokens;
      return options.forced_length == 0 && length >= min_target_length(source_lengths[sentence], options);
    };
    const int k = rules.advance(scorer, step, 1, history, continuations);
    const std::vector<int> rows = std::exchange(sentences, {});
    step = {};
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const int sentence = rows[row];
      const Continuation& best = best_of(std::span(continuations).subspan(row * k, k), sentence);
      Hypothesis& hypothesis = results[sentence][0];
      hypothesis.tokens.push_back(best.token);
      hypothesis.copied.push_back(best.copied);
      hypothesis.log_probability += best.log_probability;
      if (options.keep_attention) {
        AttentionRow attention = scorer.attention(static_cast<int>(row));
        if (!attention.mean.empty()) hypothesis.attention.push_back(std::move(attention));
      }
      const bool ended = best.token == options.end_token;
      if (ended || length == max_target_length(source_lengths[sentence], options)) {
        hypothesis.cut = !ended && options.forced_length == 0;
        hypothesis.score = ranked_score(hypothesis.log_probability, length, options.ranking);
      } else {
        sentences.push_back(sentence);
        step.parents.push_back(static_cast<int>(row));
        step.tokens.push_back(best.token);
      }
    }
  }
  return results;
}

}  // namespace heed

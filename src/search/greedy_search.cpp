#include "greedy_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "scores.h"

namespace heed {

namespace {

constexpr int kNone = -1;

/// The best continuation of a row that may be taken, other than the token that is passed by.
const Continuation& best_of(std::span<const Continuation> continuations, int sentence, int passed_by) {
  for (const Continuation& c : continuations) {
    if (c.token == passed_by) continue;
    if (c.log_probability == -std::numeric_limits<float>::infinity()) continue;
    return c;
  }
  throw_no_continuation(sentence);
}

}  // namespace

std::vector<std::vector<Hypothesis>> greedy_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                   const SearchOptions& options) {
  std::vector<std::vector<Hypothesis>> results(source_lengths.size(), std::vector<Hypothesis>(1));
  std::vector<int> sentences(source_lengths.size());  // of each row, in order
  std::iota(sentences.begin(), sentences.end(), 0);
  std::vector<int> parents = sentences;
  std::vector<int> tokens(sentences.size(), options.begin_token);
  const int k = std::min(delays_end(options) ? 2 : 1, scorer.vocabulary_size());
  std::vector<Continuation> continuations;

  for (int length = 1; !sentences.empty(); ++length) {
    scorer.advance(parents, tokens, k, continuations);
    check_continuations(continuations, sentences.size(), k);
    const std::vector<int> rows = std::exchange(sentences, {});
    parents.clear();
    tokens.clear();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const int sentence = rows[row];
      const bool may_end = options.forced_length == 0 && length >= min_target_length(source_lengths[sentence], options);
      const Continuation& best =
          best_of(std::span(continuations).subspan(row * k, k), sentence, may_end ? kNone : options.end_token);
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
        parents.push_back(static_cast<int>(row));
        tokens.push_back(best.token);
      }
    }
  }
  return results;
}

}  // namespace heed

#include "greedy_search.h"

#include <numeric>
#include <utility>

#include "scores.h"
#include "token_rules.h"

namespace heed {

std::vector<std::vector<Hypothesis>> greedy_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                   const SearchOptions& options) {
  std::vector<std::vector<Hypothesis>> results(source_lengths.size(), std::vector<Hypothesis>(1));
  std::vector<int> sentences(source_lengths.size());  // of each row, in order
  std::iota(sentences.begin(), sentences.end(), 0);
  std::vector<int> parents = sentences;
  std::vector<int> tokens(sentences.size(), options.begin_token);
  const TokenRules rules(options);
  std::vector<Continuation> found;

  for (int length = 1; !sentences.empty(); ++length) {
    scorer.advance(parents, tokens);
    const std::vector<int> rows = std::exchange(sentences, {});
    parents.clear();
    tokens.clear();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const int sentence = rows[row];
      Hypothesis& hypothesis = results[sentence][0];
      const bool may_end = options.forced_length == 0 && length >= min_target_length(source_lengths[sentence], options);
      found.clear();
      append_best(scorer, static_cast<int>(row), 1, rules.lowered(hypothesis.tokens, may_end), found);
      if (found.empty()) throw_no_continuation(sentence);
      const Continuation& best = found.front();
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

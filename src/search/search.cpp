#include "heed/search/search.h"

#include <cmath>
#include <string>

#include "beam_search.h"
#include "greedy_search.h"
#include "heed/base/error.h"

namespace heed {

namespace {

bool is_no_less_than_0(double number) { return number >= 0 && !std::isinf(number); }

void check(const std::vector<int>& source_lengths, const SearchOptions& options) {
  if (options.beam < 1) throw UsageError("beam is " + std::to_string(options.beam) + "; it must be at least 1");
  if (options.nbest < 1 || options.nbest > options.beam) {
    throw UsageError("nbest is " + std::to_string(options.nbest) + "; it must lie between 1 and the beam, " +
                     std::to_string(options.beam));
  }
  const Ranking& ranking = options.ranking;
  if (!is_no_less_than_0(ranking.length_penalty))
    throw UsageError("length_penalty is " + std::to_string(ranking.length_penalty) + "; it must not be negative");
  if (!std::isfinite(ranking.word_reward))
    throw UsageError("word_reward is " + std::to_string(ranking.word_reward) + "; it must be a number");
  const SearchRules& rules = options.rules;
  if (rules.no_repeat_ngram < 0)
    throw UsageError("no_repeat_ngram is " + std::to_string(rules.no_repeat_ngram) + "; it must not be negative");
  if (!(rules.repetition_penalty >= 1) || std::isinf(rules.repetition_penalty)) {
    throw UsageError("repetition_penalty is " + std::to_string(rules.repetition_penalty) + "; it must be at least 1");
  }
  if (!is_no_less_than_0(options.max_length_factor) || options.max_length_extra < 0)
    throw UsageError("max_length_factor and max_length_extra must not be negative");
  if (!is_no_less_than_0(options.min_length_factor) || options.min_length_extra < 0)
    throw UsageError("min_length_factor and min_length_extra must not be negative");
  for (std::size_t i = 0; i < source_lengths.size(); ++i) {
    if (source_lengths[i] < 1)
      throw Error(ErrorKind::kArgument, "sentence " + std::to_string(i + 1) + " of the batch has no source token");
  }
}

}  // namespace

std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                const SearchOptions& options, std::vector<SearchTrace>* traces) {
  check(source_lengths, options);
  // A beam of 1 is greedy search, and can be traced.
  return options.beam == 1 && traces == nullptr ? greedy_search(scorer, source_lengths, options)
                                                : beam_search(scorer, source_lengths, options, traces);
}

}  // namespace heed

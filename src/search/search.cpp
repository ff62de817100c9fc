#include "heed/search/search.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "beam_search.h"
#include "heed/base/error.h"
#include "path_search.h"
#include "scores.h"

namespace heed {

namespace {

constexpr double kMostReward = 100;  // beyond what any log-probability makes up for, and far from infinite sums

bool is_no_less_than_0(double number) { return number >= 0 && !std::isinf(number); }

void check(const Ranking& ranking, const SearchOptions& options) {
  if (!is_no_less_than_0(ranking.length_penalty))
    throw UsageError("length_penalty is " + std::to_string(ranking.length_penalty) + "; it must not be negative");
  if (!(std::abs(ranking.word_reward) <= kMostReward))
    throw UsageError("word_reward is " + std::to_string(ranking.word_reward) + "; it must lie between -100 and 100");
  if (!is_no_less_than_0(ranking.coverage_penalty))
    throw UsageError("coverage_penalty is " + std::to_string(ranking.coverage_penalty) + "; it must not be negative");
  if (!(ranking.patience > 0) || std::isinf(ranking.patience))
    throw UsageError("patience is " + std::to_string(ranking.patience) + "; it must be more than 0");
  if (std::ceil(ranking.patience * options.beam) < options.nbest) {
    throw UsageError("patience is " + std::to_string(ranking.patience) + ": with a beam of " +
                     std::to_string(options.beam) + " fewer finish than nbest, " + std::to_string(options.nbest));
  }
}

void check(const SearchRules& rules) {
  if (rules.no_repeat_ngram < 0)
    throw UsageError("no_repeat_ngram is " + std::to_string(rules.no_repeat_ngram) + "; it must not be negative");
  if (!(rules.repetition_penalty >= 1) || std::isinf(rules.repetition_penalty)) {
    throw UsageError("repetition_penalty is " + std::to_string(rules.repetition_penalty) + "; it must be at least 1");
  }
}

void check(const Sampling& sampling) {
  if (!(sampling.temperature > 0) || std::isinf(sampling.temperature))
    throw UsageError("temperature is " + std::to_string(sampling.temperature) + "; it must be more than 0");
  if (sampling.top_k < 0) throw UsageError("top_k is " + std::to_string(sampling.top_k) + "; it must not be negative");
  if (!(sampling.top_p > 0 && sampling.top_p <= 1))
    throw UsageError("top_p is " + std::to_string(sampling.top_p) + "; it must be more than 0 and at most 1");
  if (!(sampling.min_p >= 0 && sampling.min_p <= 1))
    throw UsageError("min_p is " + std::to_string(sampling.min_p) + "; it must lie between 0 and 1");
}

void check_lengths(const SearchOptions& options) {
  if (!is_no_less_than_0(options.max_length_factor) || options.max_length_extra < 0)
    throw UsageError("max_length_factor and max_length_extra must not be negative");
  if (!is_no_less_than_0(options.min_length_factor) || options.min_length_extra < 0)
    throw UsageError("min_length_factor and min_length_extra must not be negative");
}

void check(const SearchOptions& options, bool traced) {
  if (options.beam < 1) throw UsageError("beam is " + std::to_string(options.beam) + "; it must be at least 1");
  const bool paths = options.sampling || options.alternatives;
  if (options.nbest < 1 || (!paths && options.nbest > options.beam)) {
    throw UsageError("nbest is " + std::to_string(options.nbest) + "; it must lie between 1 and the beam, " +
                     std::to_string(options.beam));
  }
  if (options.groups < 1 || options.beam % options.groups != 0) {
    throw UsageError("groups is " + std::to_string(options.groups) + "; it must divide the beam, " +
                     std::to_string(options.beam));
  }
  if (!is_no_less_than_0(options.diversity) || !is_no_less_than_0(options.prune))
    throw UsageError("diversity and prune must not be negative");
  if (options.sampling && options.alternatives) throw UsageError("alternatives are searched for, not sampled");
  if (paths && traced) throw UsageError("only beam search has a trace");
  if (options.sampling) check(*options.sampling);
  if (!paths) check(options.ranking, options);
  check(options.rules);
  check_lengths(options);
}

void check(std::span<const SearchSentence> sentences, const SearchOptions& options) {
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const std::string of_batch = "sentence " + std::to_string(i + 1) + " of the batch has ";
    if (sentences[i].source_length < 1) throw Error(ErrorKind::kArgument, of_batch + "no source token");
    const std::vector<Phrase>& must = sentences[i].constraints.must;
    if (!must.empty() && (options.sampling || options.alternatives))
      throw UsageError("phrases that must occur need beam search, not sampling or alternatives");
    const auto is_empty = [](const std::vector<int>& way) { return way.empty(); };
    for (const Phrase& phrase : must) {
      if (phrase.ways.empty() || std::ranges::any_of(phrase.ways, is_empty))
        throw UsageError(of_batch + "a phrase without tokens");
    }
  }
}

}  // namespace

std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                const SearchOptions& options, std::vector<SearchTrace>* traces) {
  check(options, traces != nullptr);
  check(sentences, options);
  const bool has_phrases =
      std::ranges::any_of(sentences, [](const auto& one) { return !one.constraints.must.empty(); });
  // A beam of 1 is greedy search, and can be traced.
  const bool is_greedy = options.beam == 1 && traces == nullptr && !has_phrases;
  auto found = is_greedy || options.sampling || options.alternatives ? path_search(scorer, sentences, options)
                                                                     : beam_search(scorer, sentences, options, traces);
  for (std::size_t s = 0; s < sentences.size(); ++s) {
    if (found[s].empty() && sentences[s].constraints.empty()) throw_no_continuation(static_cast<int>(s));
    if (found[s].size() > static_cast<std::size_t>(options.nbest)) found[s].resize(options.nbest);
  }
  return found;
}

std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                const SearchOptions& options, std::vector<SearchTrace>* traces) {
  std::vector<SearchSentence> sentences;
  for (const int length : source_lengths) sentences.push_back({length});
  return run_search(scorer, sentences, options, traces);
}

}  // namespace heed

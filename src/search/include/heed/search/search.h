#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/search/constraints.h"
#include "heed/search/ranking.h"
#include "heed/search/sampling.h"
#include "heed/search/search_trace.h"
#include "heed/search/step_scorer.h"

namespace HEED_ENGINE_API heed {

/// What hypotheses may not say, or say at a lower score.
struct SearchRules {
  std::vector<int> forbidden = {};  ///< tokens that are never taken
  int no_repeat_ngram = 0;          ///< > 0: no sequence of so many tokens occurs twice (Paulus et al. 2018)
  /// > 1: a token that the hypothesis has already has its log-probability multiplied (Keskar et al. 2019, "CTRL", on
  /// log-probabilities, which are never positive); at least 1.
  double repetition_penalty = 1;
};

/// How far a search for a sentence has got.
struct SearchStep {
  int sentence = 0;
  std::span<const int> tokens;  ///< of the best hypothesis that goes on
};

struct SearchOptions {
  int beam = 1;   ///< hypotheses kept per sentence; 1 is greedy search
  int nbest = 1;  ///< hypotheses returned per sentence, at most `beam`
  Ranking ranking = {};
  SearchRules rules = {};
  /// > 0: a hypothesis is dropped whose log-probability is so much less than the best one's of its step; of a group,
  /// what it is chosen by, and with phrases the best one that has as many of their tokens.
  double prune = 0;
  /// Parts of the beam, each of which avoids what those before it take in the same step (Vijayakumar et al. 2018,
  /// "Diverse Beam Search"): candidates are chosen by log p - diversity * (how often their token was taken).
  int groups = 1;  ///< a divisor of `beam`
  double diversity = 0.5;
  /// Draws `nbest` targets, each token by its probability, instead of searching for the most probable ones; they may be
  /// equal.
  std::optional<Sampling> sampling = {};
  /// The `nbest` best tokens where the constraints first leave a choice, each continued by greedy search.
  bool alternatives = false;
  double max_length_factor = 2;  ///< a target has at most factor * source length + max_length_extra tokens
  int max_length_extra = 20;
  double min_length_factor = 0;  ///< and at least so many, unless that is more than the most; EOS counts in both
  int min_length_extra = 0;
  bool source_ends = true;      ///< whether the last of what is attended to is EOS, which coverage leaves out
  bool keep_attention = false;  ///< fill Hypothesis::attention
  int begin_token = 1;
  int end_token = 2;
  int forced_length = 0;  ///< > 0: exactly this many tokens, EOS is never taken (benchmarks)
  /// Called after each step for each sentence that goes on, in the thread that searches; after false what goes on of
  /// the sentence is cut. With groups and drawn targets it is called for each that goes on, and ends that one.
  std::function<bool(const SearchStep&)> on_step = {};
  const std::atomic<bool>* stop = nullptr;  ///< looked at before each step; where it is true, Cancelled is thrown
};

/// A sentence that targets are searched for.
struct SearchSentence {
  int source_length = 1;  ///< EOS counted
  Constraints constraints = {};
  std::uint64_t stream = 0;  ///< tells its random numbers from those of others
};

/// A finished target.
struct Hypothesis {
  std::vector<int> tokens;                     ///< without BOS; EOS is the last, unless it was cut
  bool cut = false;                            ///< the length limit ended it (a forced length does not cut)
  std::vector<bool> copied;                    ///< [tokens] as Continuation::copied
  double log_probability = 0;                  ///< sum over tokens, EOS included
  std::vector<float> token_log_probabilities;  ///< [tokens]
  double score = 0;                            ///< what hypotheses are ranked by (Ranking)
  std::vector<AttentionRow> attention;         ///< [tokens], if asked for and where the scorer attends
};

/// Returns each sentence's nbest hypotheses, best first. Finished sentences leave the batch at once, by the rule of
/// Ranking::stop. A target cut at the length limit is ranked by its score like the others. A sentence's result does not
/// depend on the others of the batch. Throws UsageError for options that make no sense, and Error if the scorer's
/// log-probabilities are NaN or +infinity or forbid every target. There may be fewer than nbest hypotheses if tokens
/// are forbidden, the limit is very short or groups find the same; none, if no target that was found keeps to the
/// sentence's constraints. `traces`, if given, gets each sentence's candidates; not with `sampling` and `alternatives`.
std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                const SearchOptions& options,
                                                std::vector<SearchTrace>* traces = nullptr);
/// Sentences of so many source tokens, without constraints.
std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                const SearchOptions& options,
                                                std::vector<SearchTrace>* traces = nullptr);

}  // namespace heed

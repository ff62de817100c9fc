#pragma once
#include <vector>

#include "heed/base/export.h"
#include "heed/search/ranking.h"
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

struct SearchOptions {
  int beam = 1;   ///< hypotheses kept per sentence; 1 is greedy search
  int nbest = 1;  ///< hypotheses returned per sentence, at most `beam`
  Ranking ranking = {};
  SearchRules rules = {};
  double max_length_factor = 2;  ///< a target has at most factor * source length + max_length_extra tokens
  int max_length_extra = 20;
  double min_length_factor = 0;  ///< and at least so many, unless that is more than the most; EOS counts in both
  int min_length_extra = 0;
  bool keep_attention = false;  ///< fill Hypothesis::attention
  int begin_token = 1;
  int end_token = 2;
  int forced_length = 0;  ///< > 0: exactly this many tokens, EOS is never taken (benchmarks)
};

/// A finished target.
struct Hypothesis {
  std::vector<int> tokens;              ///< without BOS; EOS is the last, unless it was cut
  bool cut = false;                     ///< the length limit ended it (a forced length does not cut)
  std::vector<bool> copied;             ///< [tokens] as Continuation::copied
  double log_probability = 0;           ///< sum over tokens, EOS included
  double score = 0;                     ///< what hypotheses are ranked by (Ranking)
  std::vector<AttentionRow> attention;  ///< [tokens], if asked for and where the scorer attends
};

/// Returns each sentence's nbest hypotheses, best first. `source_lengths` has one entry for each sentence of the
/// scorer. Finished sentences leave the batch at once, by the rule of Ranking::stop. A target cut at the length limit
/// is ranked by its score like the others. A sentence's result does not depend on the others of the batch. Throws
/// UsageError for options that make no sense, and Error if the scorer's log-probabilities are NaN or +infinity or
/// forbid every target. There may be fewer than nbest hypotheses if the scorer forbids tokens or the limit is very
/// short. `traces`, if given, gets each sentence's candidates.
std::vector<std::vector<Hypothesis>> run_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                const SearchOptions& options,
                                                std::vector<SearchTrace>* traces = nullptr);

}  // namespace heed

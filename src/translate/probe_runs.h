#pragma once
#include <cstdint>
#include <vector>

#include "heed/translate/model_scorer.h"
#include "probe_pair.h"

namespace heed {

/// What a model gives for a pair, at each target token, as it is and when it attends otherwise.
struct ProbeBase {
  std::vector<std::vector<float>> probabilities;  ///< of the next token [target tokens][V, and words that are copied]
  std::vector<double> log_probabilities;          ///< of the target tokens
  std::vector<double> permuted;  ///< total variation distance with permuted weights, median of the permutations
  std::vector<double> uniform;   ///< with equal weights
};

/// Log-probabilities below this count as it: a word that can only be copied from an erased token has none at all.
constexpr double kLeastLogProbability = -20;

/// Source tokens in the order in which they are deleted, to see what becomes of a target token.
struct DeletionOrder {
  std::size_t step;
  std::vector<int> places;
};

/// The runs that probe a pair.
class ProbeRuns {
 public:
  /// `seed`: of this pair's permutations and random orders.
  ProbeRuns(ModelScorer& scorer, const ProbePair& pair, const ProbeOptions& options, std::uint64_t seed)
      : scorer_(scorer), pair_(pair), options_(options), seed_(seed) {}

  /// Each head and layer is permuted by itself, within what it may attend to; what came before the step stays as it
  /// was. Throws Error if the mechanism does not let its weights be changed.
  ProbeBase attend_otherwise();
  /// Total variation distance of the output without each source token, [target tokens][source tokens without EOS].
  AttentionWeights erase_each(const ProbeBase& base);
  /// The area of each order: the fall of the target token's log-probability, mean of the first 1, 2, ... deletions.
  std::vector<double> delete_in_order(const ProbeBase& base, const std::vector<DeletionOrder>& orders);

 private:
  struct Form {
    std::vector<int> places;  // that are erased
    std::size_t last;         // the last step that is looked at
  };
  void start(const std::vector<SourceForm>& forms);
  template <typename See>
  void run(const std::vector<Form>& forms, const See& see);

  ModelScorer& scorer_;
  const ProbePair& pair_;
  const ProbeOptions& options_;
  std::uint64_t seed_;
};

}  // namespace heed

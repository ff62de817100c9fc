#pragma once
#include <functional>
#include <vector>

#include "nbest_list.h"

namespace heed::app {

/// The weighted sum of an entry's features.
double score_of(const NbestEntry& entry, const std::vector<double>& weights);
/// For each sentence the index of its best entry, the first of equal ones; -1 without any.
std::vector<int> best_entries(const NbestList& list, std::size_t sentences, const std::vector<double>& weights);

/// The quality of a choice of entries, one for each sentence: higher is better.
using Quality = std::function<double(const std::vector<int>& chosen)>;
struct TunedWeights {
  std::vector<double> weights;
  double before = 0;  ///< the quality with the weights that it began with,
  double after = 0;   ///< and with these
};
/// Weights whose best entries have a high quality, as minimum error rate training (Och 2003) looks for them: weight
/// after weight the best of nine values around the last one, as long as any makes the quality higher, in steps that
/// become smaller by halves, from 1 to 1/64. It draws nothing: the same list gives the same weights.
TunedWeights tune_weights(const NbestList& list, std::size_t sentences, std::vector<double> weights,
                          const Quality& quality);

}  // namespace heed::app

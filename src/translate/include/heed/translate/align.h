#pragma once
#include <functional>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/symmetrization.h"
#include "heed/translate/translator.h"

namespace HEED_ENGINE_API heed {

/// The alignment of a pair of sentences.
struct AlignedPair {
  std::vector<Link> links;
  AttentionWeights weights;  ///< between words: [target words][source words]
};

struct AlignOptions {
  ScoreOptions score = {};
  AttentionChoice choice = {};
  double threshold = 0;  ///< links of less weight, 0 to 1, are left out
  /// Gets what the first model scored, pair after pair.
  std::function<void(const Translated&)> on_scored = {};
};

/// Words of given pairs, aligned by the attention of models under teacher forcing: that of an ensemble is the mean by
/// its weights. Each model attends to the same words, in tokens of its own. Throws Error for models that do not attend,
/// and for a layer or head that there is not; UsageError for a threshold, or a shift (0 to 2), out of range.
std::vector<AlignedPair> align_pairs(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                     const AlignOptions& options = {}, const EnsembleOptions& ensemble = {});
/// The same by models from target to source. Features, which are of the source, are left out.
std::vector<AlignedPair> align_reversed(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                        const AlignOptions& options = {}, const EnsembleOptions& ensemble = {});
/// Makes one alignment of those of both directions; of their weights the mean.
void symmetrize_pairs(std::span<AlignedPair> forward, std::span<const AlignedPair> backward, Symmetrization how);

}  // namespace heed

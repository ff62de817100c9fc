#pragma once
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// Cuts sentences of SentencePiece anew at random, with alpha = TextOptions::sampling: of unigram by the probability of
/// each segmentation to the power of alpha (Kudo 2018), of BPE by leaving out each merge with the probability alpha
/// (Provilkov et al. 2020). Immutable, safe to share by threads.
class PieceSampler {
 public:
  /// `side` must outlive this. Throws UsageError if its pieces are no unigram's or BPE's.
  explicit PieceSampler(const TextSide& side);

  /// Ids for the text that these stand for. Unknown text and symbols stay.
  std::vector<int> sample(std::span<const int> ids, Rng& rng) const;

 private:
  bool is_ordinary(int id) const { return !std::isnan(scores_[static_cast<std::size_t>(id)]); }
  /// An ordinary piece's id, or none.
  int find(std::string_view text) const;
  /// Adds ids for a text of ordinary pieces. False if there are none.
  bool cut(std::string_view text, Rng& rng, std::vector<int>& out) const;
  void cut_unigram(std::string_view text, Rng& rng, std::vector<int>& out) const;
  bool cut_bpe(std::string_view text, Rng& rng, std::vector<int>& out) const;

  static constexpr int kNone = -1;
  const TextSide& side_;
  double alpha_;
  bool bpe_ = false;
  std::vector<float> scores_;  // NaN of what no text becomes
  std::size_t longest_ = 0;    // bytes of a piece
};

}  // namespace heed

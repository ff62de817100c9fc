#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What kind `auto` stands for until a training settles it.
inline constexpr const char* kUsualAttention = "luong-general";

/// The section model.attention of a config.
struct AttentionOptions {
  std::string kind = kUsualAttention;  ///< a name of `heed list attentions`, several joined by '+', or auto
  std::string normalizer = "softmax";  ///< a name of `heed list normalizers`
  double temperature = 1;              ///< divides the scores before normalisation
  std::string scale = "width";         ///< of bilinear scores q . (k W): divided by the width / 32, or none
  std::string score = "scaled-dot";    ///< of multi-head: the mechanism of each head
  int heads = 4;                       ///< of multi-head
  int hops = 1;                        ///< > 1: each context enters the query of the next hop
  std::string combine = "concat";      ///< contexts of several mechanisms: concat | gate
  int window = 10;                     ///< of local and first-order kinds: D, positions to each side
  int chunk = 4;                       ///< of monotonic-chunkwise: width of a chunk
  int filters = 10;                    ///< of location-sensitive and coverage-neural: values for each position
  int filter_width = 15;               ///< of location-sensitive: positions that a filter sees (odd)
  double noise = 1;                    ///< of monotonic kinds: deviation of the noise before the sigmoid, in training
  double offset = -1;                  ///< of monotonic kinds: initial r of equation 16; not a config key
  double dropout = 0;                  ///< of the weights that sum the values, in training: model.dropout.attention
  int positions = 100;                 ///< of luong-location: source positions that have a weight
  bool hard = false;                   ///< of monotonic kinds: decode with hard decisions (Raffel et al. 2017, eq. 3-5)

  bool divides_scores() const { return scale != "none"; }
  bool gates_contexts() const { return combine == "gate"; }
  bool operator==(const AttentionOptions&) const = default;
};

}  // namespace heed

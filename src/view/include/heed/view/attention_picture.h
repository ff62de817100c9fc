#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"

namespace HEED_API heed {

/// One sentence pair with its attention, for terminal, SVG and PNG.
struct AttentionPicture {
  std::vector<std::string> source;          ///< S tokens
  std::vector<std::string> target;          ///< T tokens, EOS included
  std::vector<std::vector<float>> weights;  ///< [T][S], each in [0, 1]
  std::string title = {};                   ///< above the picture; may be empty
  std::string measure = {};                 ///< description of the weights beside the scale: "mean of 4 heads"
  std::vector<int> copied = {};             ///< target tokens that were copied from the source
  std::vector<Link> sure = {};              ///< links of a gold alignment, of tokens
  std::vector<Link> possible = {};
};

/// The name of the mean over layers with these numbers of heads: "mean of 4 heads"; "mean of 3 layers" for unequal
/// numbers, since layers count equally; "" for one of each.
std::string name_of_mean(std::span<const int> heads);

/// Throws Error unless `weights` is [T][S].
void check_shape(const AttentionPicture& picture);

}  // namespace heed

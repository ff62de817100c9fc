#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"

namespace HEED_API heed {

/// One sentence pair and where each target token looked: what the terminal, SVG and PNG show.
struct AttentionPicture {
  std::vector<std::string> source;          ///< S tokens
  std::vector<std::string> target;          ///< T tokens, EOS included
  std::vector<std::vector<float>> weights;  ///< [T][S], each in [0, 1]
  std::string title = {};                   ///< above the picture; may be empty
  std::string measure = {};                 ///< what the weights are, "mean of 4 heads" say; beside the scale
  std::vector<int> copied = {};             ///< target tokens that were copied from the source
  std::vector<Link> sure = {};              ///< links of a gold alignment, of tokens
  std::vector<Link> possible = {};
};

/// What the mean over layers with so many heads each is called: "mean of 4 heads"; "mean of 3 layers" where they have
/// unequal numbers, since each layer counts as much as another; "" where there is one of each.
std::string name_of_mean(std::span<const int> heads);

/// Throws Error unless `weights` is [T][S].
void check_shape(const AttentionPicture& picture);

}  // namespace heed

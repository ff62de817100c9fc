#pragma once
#include <cstdint>

#include "heed/base/export.h"

namespace HEED_API heed {

/// How a token is drawn: from p(y)^(1/T), normalised, of the `top_k` most probable tokens, of these the fewest that
/// have `top_p` together, of these those that have `min_p` times the probability of the most probable one.
struct Sampling {
  double temperature = 1;  ///< T > 0
  int top_k = 0;           ///< Fan et al. 2018, "Hierarchical Neural Story Generation"; 0: all
  double top_p = 1;        ///< nucleus sampling (Holtzman et al. 2020), in (0, 1]; 1: all
  double min_p = 0;        ///< Nguyen et al. 2024, "Turning Up the Heat", in [0, 1]; 0: all
  std::uint64_t seed = 1;
};

}  // namespace heed

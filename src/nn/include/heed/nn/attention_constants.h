#pragma once
#include "heed/base/export.h"

// Numbers of mechanisms that no setting has: also for what writes their formulas elsewhere.
namespace HEED_ENGINE_API heed {

constexpr float kLargestFertility = 2;  ///< N of Tu et al. 2016, section 3.1.1
constexpr float kUndividedWidth = 32;   ///< sqrt(Hd He) at which a bilinear score is not divided (bilinear_score.h)

}  // namespace heed

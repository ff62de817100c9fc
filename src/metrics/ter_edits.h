#pragma once
#include <vector>

namespace heed {

/// Edits from a hypothesis to a reference, shifts included: words as numbers.
int ter_edits(const std::vector<int>& hypothesis, const std::vector<int>& reference);

}  // namespace heed

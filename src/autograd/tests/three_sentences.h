#pragma once
#include <vector>

#include "heed/autograd/operations.h"

namespace heed {

/// What attention is tried on: the second decoder step has lost two rows, and two rows look at one sentence.
struct ThreeSentences {
  std::vector<int> lengths = {3, 1, 5};
  std::vector<int> offsets = {0, 3, 4};
  std::vector<int> first = {2, 0, 0, 1};
  std::vector<int> second = {2, 0};
  SentenceRows rows() const { return {offsets, lengths, 5}; }
};

}  // namespace heed

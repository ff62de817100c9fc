#pragma once
#include <vector>

#include "heed/tensor/pairing.h"

namespace heed {

// Rows of all lengths from 1 to 40, each of a sentence of its own.
struct Ramp {
  std::vector<int> lengths, offsets, sentence;
  Ramp() {
    for (int length = 1; length <= 40; ++length) {
      offsets.push_back(length * (length - 1) / 2);
      sentence.push_back(length - 1);
      lengths.push_back(length);
    }
  }
  Pairing pairing() const { return {{offsets, lengths, 40}, sentence}; }
};

}  // namespace heed

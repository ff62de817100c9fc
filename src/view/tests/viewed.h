#pragma once
#include <random>
#include <string>

#include "heed/view/page.h"
#include "records.h"

namespace heed::toy {

/// Rows that sum to 1, as peaked as a trained attention's.
inline AttentionWeights random_weights(std::size_t rows, std::size_t columns, unsigned seed) {
  std::mt19937 bits(seed);
  AttentionWeights out(rows, std::vector<float>(columns));
  for (auto& row : out) {
    double sum = 0;
    std::vector<double> numbers;
    for (std::size_t s = 0; s < columns; ++s) {
      const double uniform = static_cast<double>(bits()) / 4294967296.0;
      numbers.push_back(uniform * uniform * uniform * uniform * uniform * uniform * uniform * uniform);
      sum += numbers.back();
    }
    for (std::size_t s = 0; s < columns; ++s) row[s] = static_cast<float>(numbers[s] / sum);
  }
  return out;
}

inline ViewedSentence small_sentence() { return {small_record()}; }

}  // namespace heed::toy

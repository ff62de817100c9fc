#pragma once
#include <random>
#include <string>

#include "heed/view/viewed_sentence.h"

namespace heed::toy {

/// Rows that sum to 1, as peaked as a trained attention's.
inline Weights random_weights(std::size_t rows, std::size_t columns, unsigned seed) {
  std::mt19937 bits(seed);
  Weights out(rows, std::vector<float>(columns));
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

/// "the black cat" and "le chat noir", sub-words and all.
inline ViewedSentence small_sentence() {
  ViewedSentence out;
  out.source = "the black cat";
  out.source_tokens = {"▁the", "▁bl", "ack", "▁cat", "</s>"};
  ViewedTranslation& to = out.translations.emplace_back();
  to.text = "le chat noir";
  to.tokens = {"▁le", "▁chat", "▁no", "ir", "</s>"};
  to.log_probability = -2;
  to.score = -0.4;
  to.attention = {{0.75f, 0.125f, 0.0625f, 0.0625f, 0},
                  {0, 0.125f, 0.125f, 0.75f, 0},
                  {0, 0.5f, 0.25f, 0.25f, 0},
                  {0, 0.25f, 0.75f, 0, 0},
                  {0, 0, 0, 0.25f, 0.75f}};
  return out;
}

}  // namespace heed::toy

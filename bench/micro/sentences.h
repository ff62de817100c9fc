#pragma once
#include <vector>

#include "heed/tensor/pairing.h"

namespace heed::micro {

/// `count` sentences of `length` positions, and `steps` rows of each that look at them, step after step.
class Sentences {
 public:
  Sentences(int count, int length, int steps) : count_(count), length_(length) {
    for (int i = 0; i < count; ++i) {
      offsets_.push_back(i * length);
      lengths_.push_back(length);
    }
    for (int row = 0; row < count * steps; ++row) sentence_.push_back(row % count);
  }
  SentenceRows rows() const { return {offsets_, lengths_, length_}; }
  const std::vector<int>& sentence() const { return sentence_; }
  Pairing pairing() const { return {rows(), sentence_}; }
  std::int64_t positions() const { return std::int64_t{count_} * length_; }

 private:
  int count_;
  int length_;
  std::vector<int> offsets_;
  std::vector<int> lengths_;
  std::vector<int> sentence_;
};

}  // namespace heed::micro

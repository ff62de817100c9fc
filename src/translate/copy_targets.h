#pragma once
#include <span>
#include <vector>

#include "heed/model/batch.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// What the sentences of a batch can give by copying.
class CopyTargets {
 public:
  CopyTargets() = default;
  /// `vocabulary` V: ids from it on are words of one sentence.
  CopyTargets(const SourceBatch& source, int vocabulary);

  /// How many ids from V on the sentence with most of them has.
  int extended() const { return extended_; }
  /// The ids of a sentence, sorted, each once.
  std::span<const int> ids(int sentence) const { return sentences_[static_cast<std::size_t>(sentence)].ids; }
  /// Log of the probability that each of these ids has from copying, for a row with this gate and attention.
  void scores(int sentence, float gate, const float* weights, std::vector<float>& out) const;

 private:
  struct Sentence {
    std::vector<int> ids;
    std::vector<int> places;  // of each position, its id's place among them
  };
  std::vector<Sentence> sentences_;
  int extended_ = 0;
};

/// Sets `copied` where more than half of a continuation's probability comes from copying: ids and scores as above.
void mark_copied(std::span<const int> ids, std::span<const float> scores, std::span<Continuation> continuations);

}  // namespace heed

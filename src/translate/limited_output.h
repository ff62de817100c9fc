#pragma once
#include <memory>
#include <span>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/search/step_scorer.h"
#include "heed/translate/shortlist.h"

namespace heed {

/// The output layer of a batch whose sentences have a short list: the columns of all their tokens are packed once, and
/// each row looks at those of its own sentence alone, so that it does not depend on the batch. The begin mark stands in
/// every row for its share of the probability.
class LimitedOutput {
 public:
  /// Of `layer`, which must outlive this, its weight packed.
  LimitedOutput(const OutputLayer& layer, std::shared_ptr<const Shortlist> shortlist)
      : layer_(layer), shortlist_(std::move(shortlist)) {}

  const std::shared_ptr<const Shortlist>& shortlist() const { return shortlist_; }
  /// Begins a batch. `arena` gives the memory of its steps, of up to kRows rows each.
  void start(std::span<const std::vector<int>> sources, Arena& arena);
  /// The k best continuations of each row of `states` [rows, Hd]; row r belongs to sentences[r]. Where a sentence has
  /// fewer tokens, forbidden ones follow.
  void best(const Tensor& states, std::span<const int> sentences, int k, std::span<Continuation> out);

  static constexpr std::int64_t kRows = 32;

 private:
  struct Sentence {
    std::span<const int> tokens;  // its own, sorted
    std::span<const int> places;  // and where they stand among those of the batch
  };
  void select(std::span<const int> tokens);
  void multiply(const Tensor& states);
  std::span<float> gather(std::int64_t row, std::int64_t rows, const Sentence& sentence);

  OutputLayer layer_;
  std::shared_ptr<const Shortlist> shortlist_;
  std::vector<PackedWeights> blocks_;
  std::size_t used_ = 0;             // of the blocks, by this batch
  std::vector<Sentence> sentences_;  // of this batch
  Tensor logits_;                    // [blocks, kRows * width]
  std::span<float> bias_;            // of the batch's tokens
  std::span<float> own_;             // the row that is looked at, as large as the largest
};

}  // namespace heed

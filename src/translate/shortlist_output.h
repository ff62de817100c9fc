#pragma once
#include <memory>
#include <span>
#include <vector>

#include "heed/model/output.h"
#include "heed/translate/shortlist.h"

namespace heed {

/// The softmax of a batch whose sentences have a shortlist: the columns of all their tokens are packed once, and each
/// row reads those of its own sentence alone, so that it does not depend on the batch. BOS stands in
/// every row for its share of the probability.
class ShortlistOutput : public StepOutput {
 public:
  /// Of `layer`, which must outlive this, its weight packed.
  ShortlistOutput(const OutputLayer& layer, std::shared_ptr<const Shortlist> shortlist)
      : layer_(layer), shortlist_(std::move(shortlist)) {}

  void start(Tape& tape, const SourceBatch& source, const DecoderMemory& memory) override;
  void take(Tape& tape, const DecoderStep& step, const DecoderState& now) override;
  RowScores row(std::int64_t r) override;

 private:
  struct Sentence {
    std::span<const int> tokens;  // its own, sorted
    std::span<const int> places;  // and where they stand among those of the batch
  };
  void select(std::span<const int> tokens);
  void multiply(std::int64_t first);
  std::span<float> gather(std::int64_t row, const Sentence& sentence);

  OutputLayer layer_;
  std::shared_ptr<const Shortlist> shortlist_;
  std::vector<PackedWeights> blocks_;
  std::size_t used_ = 0;             // of the blocks, by this batch
  std::vector<Sentence> sentences_;  // of this batch
  Tensor logits_;                    // [blocks, rows of a part * width]
  std::span<float> bias_;            // of the batch's tokens
  std::span<float> own_;             // the current row, as large as the largest
  std::vector<float> largest_;       // of each kTopKGroup of it
  Tensor states_;                    // [rows, Hd] of the step
  std::span<const int> sentence_;    // [rows]
  std::int64_t first_ = 0;           // row of the part that is multiplied,
  std::int64_t rows_ = 0;            // and how many it has
};

}  // namespace heed

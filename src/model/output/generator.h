#pragma once
#include <optional>
#include <vector>

#include "heed/kernels/softmax.h"
#include "heed/model/output.h"

namespace heed {

/// The output layer [Hd, V], which every kind of today has, or the decoder's embedding turned round (model.tied; Press
/// and Wolf 2017; Inan et al. 2017).
class Generator : public Module {
 public:
  Generator(const ModelOptions& options, const Decoder& decoder);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  const OutputLayer& layer() const { return layer_; }
  double multiply_adds() const { return static_cast<double>(layer_.weight->size()); }
  void visit(const ParameterVisitor& visitor) override;

 private:
  std::optional<Parameter> weight_;  // [Hd, V]; none if it is the decoder's embedding
  Parameter bias_;                   // [1, V]
  OutputLayer layer_;
};

/// Its logits in search, some rows and outputs at a time, so that they are near the processor when they are summed up.
class GeneratorLogits {
 public:
  explicit GeneratorLogits(const OutputLayer& layer) : layer_(layer) {}
  /// States [rows, Hd] of a new step.
  void take(const Tensor& states);
  RowScores row(std::int64_t r);

 private:
  void multiply(std::int64_t first);

  OutputLayer layer_;
  Tensor states_;
  Buffer logits_;                 // [rows of a block, or more; V]
  Buffer largest_;                // of each kTopKGroup of them
  std::vector<RunningSum> sums_;  // of the block's rows
  std::int64_t first_ = 0;        // row of the block
};

}  // namespace heed

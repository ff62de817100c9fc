#include <optional>

#include "attention/bilinear_score.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, k) = q . (k W) / d. Luong et al. 2015, section 3.1, `general`: q^T W_a k with the product on the side of
/// the keys, where it is computed once per sentence; d: see BilinearScore. `scaled` (tensorflow/nmt, scaled_luong):
/// times a learned g, 1 at first, likewise on the side of the keys.
class LuongGeneral : public ScoreAttention {
 public:
  LuongGeneral(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options, bool scaled)
      : ScoreAttention(sizes, options), score_(name, sizes, options) {
    if (!scaled) return;
    scale_ = make_vector(name + ".scale", 1);
    scale_->initializer = [](const Tensor& value, Rng&, const InitialOptions&) { value.data[0] = 1; };
  }

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory&) const override {
    const Variable keys = score_.keys(tape, encoded);
    return scale_ ? scale(tape, keys, value_of(tape, *scale_)) : keys;
  }

  Variable score(Tape& tape, const AttentionStep& step) const override { return score_(tape, step); }

  void visit(const ParameterVisitor& visitor) override {
    score_.visit(visitor);
    if (scale_) visitor(*scale_);
  }

 private:
  BilinearScore score_;
  std::optional<Parameter> scale_;  // [1, 1] if scaled
};

}  // namespace

std::unique_ptr<Attention> make_luong_general(const std::string& name, const AttentionSizes& sizes,
                                              const AttentionOptions& options) {
  return std::make_unique<LuongGeneral>(name, sizes, options, false);
}

std::unique_ptr<Attention> make_luong_scaled(const std::string& name, const AttentionSizes& sizes,
                                             const AttentionOptions& options) {
  return std::make_unique<LuongGeneral>(name, sizes, options, true);
}

}  // namespace heed

#pragma once
#include <cmath>

#include "heed/nn/attention.h"
#include "heed/nn/attention_constants.h"

namespace heed {

/// The bilinear score q . (k W) / d, d = sqrt(Hd He) / 32. Luong et al. 2015, section 3.1, `general`, has d = 1
/// (AttentionOptions::scale `none`). Adam moves every entry of W by about the learning rate, and where the signs agree
/// an undivided score by rate * |q|_1 * |k|_1, which grows as Hd He: at 256 units ten updates are enough for a softmax
/// that has one position left and no gradient. With d it grows as the width, like an additive score; 32 is measured
/// (docs/attention-compared.md).
class BilinearScore : public Module {
 public:
  BilinearScore(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : key_(make_hoisted_weight(name + ".key", sizes.encoded, sizes.query)),
        factor_(options.divides_scores() ? kUndividedWidth / std::sqrt(static_cast<float>(sizes.query * sizes.encoded))
                                         : 1.0F) {}

  /// k W, once per batch.
  Variable keys(Tape& tape, const Encoded& encoded) const { return linear(tape, {{encoded.states, &key_}}); }
  /// Of each row's positions, or of those in its window.
  Variable operator()(Tape& tape, const AttentionStep& step) const {
    return scale(tape, dot_scores(tape, step.query, step.memory.keys, step.sentence, step.focus.windows), factor_);
  }
  void visit(const ParameterVisitor& visitor) override { visitor(key_); }

 private:
  Parameter key_;  // [He, Hd]
  float factor_;
};

}  // namespace heed

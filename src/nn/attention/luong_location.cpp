#include <limits>

#include "heed/nn/attention.h"

namespace heed {
namespace {

/// scores = q W: a weight for each position, which knows nothing of the source but its length. Luong et al. 2015,
/// equation 8. Positions that W has no column for have weight 0.
class LuongLocation : public ScoreAttention {
 public:
  LuongLocation(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : ScoreAttention(sizes, options), positions_(make_weight(name + ".positions", sizes.query, options.positions)) {}

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const Variable scores = linear(tape, {{step.query, &positions_}});  // [n, positions]
    return resize_columns(tape, scores, step.memory.keys.sentences.longest, -std::numeric_limits<float>::infinity());
  }

  void visit(const ParameterVisitor& visitor) override { visitor(positions_); }

 private:
  Parameter positions_;  // [Hd, positions]
};

}  // namespace

std::unique_ptr<Attention> make_luong_location(const std::string& name, const AttentionSizes& sizes,
                                               const AttentionOptions& options) {
  return std::make_unique<LuongLocation>(name, sizes, options);
}

}  // namespace heed

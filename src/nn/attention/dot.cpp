#include <cmath>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, k) = scale * q . k, keys being the encoder's states themselves. Luong et al. 2015, section 3.1, `dot`,
/// whose scale is 1; Vaswani et al. 2017, section 3.2.1, whose scale is 1 / sqrt(width).
class Dot : public ScoreAttention {
 public:
  Dot(const AttentionSizes& sizes, const AttentionOptions& options, float factor)
      : ScoreAttention(sizes, options), factor_(factor) {}

  Variable score(Tape& tape, const AttentionStep& step) const override {
    return scale(tape, dot_scores(tape, step.query, step.memory.keys, step.sentence), factor_);
  }

 private:
  float factor_;
};

void check_widths(const char* kind, const AttentionSizes& sizes) {
  if (sizes.query == sizes.encoded) return;
  throw UsageError(
      fmt::format("attention '{}' compares states of equal width, but the decoder's (model.decoder.hidden) are {} "
                  "wide and the encoder's (model.encoder.hidden, of all layers with model.attention.source all) {}; "
                  "make them equal or take 'luong-general'",
                  kind, sizes.query, sizes.encoded),
      {.key = "model.attention.kind"});
}

}  // namespace

std::unique_ptr<Attention> make_luong_dot(const std::string&, const AttentionSizes& sizes,
                                          const AttentionOptions& options) {
  check_widths("luong-dot", sizes);
  return std::make_unique<Dot>(sizes, options, 1.0F);
}

std::unique_ptr<Attention> make_scaled_dot(const std::string&, const AttentionSizes& sizes,
                                           const AttentionOptions& options) {
  check_widths("scaled-dot", sizes);
  return std::make_unique<Dot>(sizes, options, 1.0F / std::sqrt(static_cast<float>(sizes.query)));
}

}  // namespace heed

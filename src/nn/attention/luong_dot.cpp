#include "attention/kinds.h"
#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {
namespace {

/// score(q, k) = q . k, keys being the encoder's states themselves. Luong et al. 2015, equation 8, `dot`.
class LuongDot : public Attention {
 public:
  Attended attend(Tape& tape, const Variable& query, const AttentionMemory& memory, std::span<const int> sentence,
                  const AttentionTrace&) const override {
    const Variable scores = dot_scores(tape, query, memory.keys, sentence);
    const Variable weights = attention_softmax(tape, scores, memory.keys.sentences, sentence);
    return {weighted_sum(tape, weights, memory.values, sentence), {weights}};
  }
};

}  // namespace

std::unique_ptr<Attention> make_luong_dot(const AttentionSizes& sizes, Rng&) {
  if (sizes.query != sizes.encoded) {
    throw UsageError(
        fmt::format("attention 'luong-dot' compares states of equal width, but model.decoder.hidden is {} and "
                    "model.encoder.hidden is {}; make them equal or take 'luong-general'",
                    sizes.query, sizes.encoded));
  }
  return std::make_unique<LuongDot>();
}

}  // namespace heed

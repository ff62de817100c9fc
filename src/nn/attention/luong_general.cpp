#include "attention/kinds.h"

namespace heed {
namespace {

/// score(q, k) = q . (k W). Luong et al. 2015, equation 8, `general`: q^T W_a k with the product on the side of the
/// keys, where it is computed once per sentence.
class LuongGeneral : public Attention {
 public:
  LuongGeneral(const AttentionSizes& sizes, Rng& rng)
      : key_(make_hoisted_weight("attention.key", sizes.encoded, sizes.query, rng)) {}

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    const Variable keys = linear(tape, {{encoded.states, &key_}});
    return {source_matrix(tape, keys, encoded.sentences), source_matrix(tape, encoded.states, encoded.sentences)};
  }

  Attended attend(Tape& tape, const Variable& query, const AttentionMemory& memory, std::span<const int> sentence,
                  const AttentionTrace&) const override {
    const Variable scores = dot_scores(tape, query, memory.keys, sentence);
    const Variable weights = attention_softmax(tape, scores, memory.keys.sentences, sentence);
    return {weighted_sum(tape, weights, memory.values, sentence), {weights}};
  }

  void visit(const ParameterVisitor& visitor) override { visitor(key_); }

 private:
  Parameter key_;  // [He, Hd]
};

}  // namespace

std::unique_ptr<Attention> make_luong_general(const AttentionSizes& sizes, Rng& rng) {
  return std::make_unique<LuongGeneral>(sizes, rng);
}

}  // namespace heed

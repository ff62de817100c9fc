#include "attention/kinds.h"

namespace heed {
namespace {

/// score(q, k) = v . tanh(q W_q + k W_k + b). Bahdanau et al. 2015, appendix A.1.2; the same function is `concat` of
/// Luong et al. 2015, equation 8, whose W_a [q; k] is W_q and W_k side by side. The two differ in the query: see
/// ContextEntry.
class Additive : public Attention {
 public:
  Additive(const AttentionSizes& sizes, Rng& rng)
      : query_(make_weight("attention.query", sizes.query, sizes.query, rng)),
        key_(make_hoisted_weight("attention.key", sizes.encoded, sizes.query, rng)),
        bias_(make_vector("attention.bias", sizes.query)),
        v_(make_weight("attention.v", 1, sizes.query, rng)) {
    v_.role = Role::kVector;
  }

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    // The bias is added to the keys: once per source position instead of once per step.
    const Variable keys = linear(tape, {{encoded.states, &key_}}, &bias_);
    return {source_matrix(tape, keys, encoded.sentences), source_matrix(tape, encoded.states, encoded.sentences)};
  }

  Attended attend(Tape& tape, const Variable& query, const AttentionMemory& memory, std::span<const int> sentence,
                  const AttentionTrace&) const override {
    const Variable projected = linear(tape, {{query, &query_}});
    const Variable scores = additive_scores(tape, projected, memory.keys, v_, sentence);
    const Variable weights = attention_softmax(tape, scores, memory.keys.sentences, sentence);
    return {weighted_sum(tape, weights, memory.values, sentence), {weights}};
  }

  void visit(const ParameterVisitor& visitor) override {
    visitor(query_);
    visitor(key_);
    visitor(bias_);
    visitor(v_);
  }

 private:
  Parameter query_;  // [Hd, A]
  Parameter key_;    // [He, A]
  Parameter bias_;   // [1, A]
  Parameter v_;      // [1, A]
};

}  // namespace

std::unique_ptr<Attention> make_additive(const AttentionSizes& sizes, Rng& rng) {
  return std::make_unique<Additive>(sizes, rng);
}

}  // namespace heed

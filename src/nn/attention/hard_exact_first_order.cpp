#include "attention/additive_energy.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// One latent position for each token, which depends on the previous one: attention jumps by d = -D .. D with
/// probability
///   p(d | q, h_i) = softmax over d of (q W + h_i V + b)_d     Wu and Cotterell 2019, transitions of the first order
/// from i, within the sentence. The weights are the prior of each position; carried is the posterior given the token,
/// by which the output of the same name (model/output/first_order.cpp) replaces the weights that are carried here.
class FirstOrder : public WeightedAttention {
 public:
  FirstOrder(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : WeightedAttention(sizes, options),
        query_(make_weight(name + ".query", sizes.query, 2 * options.window + 1)),
        key_(make_hoisted_weight(name + ".key", sizes.encoded, 2 * options.window + 1)),
        bias_(make_vector(name + ".bias", 2 * options.window + 1)) {}

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory&) const override {
    return linear(tape, {{encoded.states, &key_}}, &bias_);
  }

  Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace&) const override {
    return jump_alignment(tape, carried_positions(tape, step), linear(tape, {{step.query, &query_}}), step.memory.keys,
                          step.sentence);
  }

  void carry(Tape& tape, const AttentionStep&, AttentionTrace& now) const override {
    now.carried = tape.list({now.weights});
  }

  void visit(const ParameterVisitor& visitor) override {
    visitor(query_);
    visitor(key_);
    visitor(bias_);
  }

 private:
  Parameter query_;  // [Hd, 2 D + 1] W
  Parameter key_;    // [He, 2 D + 1] V
  Parameter bias_;   // [1, 2 D + 1]
};

}  // namespace

std::unique_ptr<Attention> make_hard_exact_first_order(const std::string& name, const AttentionSizes& sizes,
                                                       const AttentionOptions& options) {
  return std::make_unique<FirstOrder>(name, sizes, options);
}

}  // namespace heed

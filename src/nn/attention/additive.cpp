#include <cmath>
#include <optional>

#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, k) = v . tanh(q W_q + k W_k + b). Bahdanau et al. 2015, appendix A.1.2; the same function is `concat` of
/// Luong et al. 2015, section 3.1, whose W_a [q; k] is W_q and W_k side by side. The two differ in the query: see
/// ContextEntry. `normed` (tensorflow/nmt, normed_bahdanau): v is g * v / |v|, weight normalisation of Salimans and
/// Kingma 2016, with g = sqrt(1 / A) at first.
class Additive : public ScoreAttention {
 public:
  Additive(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options, bool normed)
      : ScoreAttention(sizes, options),
        query_(make_weight(name + ".query", sizes.query, sizes.query)),
        key_(make_hoisted_weight(name + ".key", sizes.encoded, sizes.query)),
        bias_(make_vector(name + ".bias", sizes.query)),
        v_(make_weight(name + ".v", 1, sizes.query)) {
    v_.role = ParameterRole::kVector;
    if (!normed) return;
    gain_ = make_vector(name + ".gain", 1);
    gain_->initializer = [width = sizes.query](const Tensor& value, Rng&, const InitialOptions&) {
      value.data[0] = std::sqrt(1.0F / static_cast<float>(width));
    };
  }

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    // The bias is added to the keys: once per source position instead of once per step.
    const Variable keys = linear(tape, {{encoded.states, &key_}}, &bias_);
    const Variable v = value_of(tape, v_);
    memory.keep(tape, Once{gain_ ? weight_norm(tape, v, value_of(tape, *gain_)) : v});
    return keys;
  }

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const Variable projected = linear(tape, {{step.query, &query_}});
    return additive_scores(tape, projected, step.memory.keys, step.memory.own<Once>().v, step.sentence);
  }

  void visit(const ParameterVisitor& visitor) override {
    visitor(query_);
    visitor(key_);
    visitor(bias_);
    visitor(v_);
    if (gain_) visitor(*gain_);
  }

 private:
  struct Once {
    Variable v;  // [1, A] normed, if it is to be
  };
  Parameter query_;                // [Hd, A]
  Parameter key_;                  // [He, A]
  Parameter bias_;                 // [1, A]
  Parameter v_;                    // [1, A]
  std::optional<Parameter> gain_;  // [1, 1] if normed
};

}  // namespace

std::unique_ptr<Attention> make_additive(const std::string& name, const AttentionSizes& sizes,
                                         const AttentionOptions& options) {
  return std::make_unique<Additive>(name, sizes, options, false);
}

std::unique_ptr<Attention> make_normed_additive(const std::string& name, const AttentionSizes& sizes,
                                                const AttentionOptions& options) {
  return std::make_unique<Additive>(name, sizes, options, true);
}

}  // namespace heed

#include <cmath>
#include <optional>

#include "attention/additive_energy.h"
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
      : ScoreAttention(sizes, options), energy_(name, sizes) {
    if (!normed) return;
    gain_ = make_vector(name + ".gain", 1);
    gain_->initializer = [width = sizes.query](const Tensor& value, Rng&, const InitialOptions&) {
      value.data[0] = std::sqrt(1.0F / static_cast<float>(width));
    };
  }

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    const Variable keys = energy_.keys(tape, encoded);
    const Variable v = energy_.v(tape);
    memory.keep(tape, Once{gain_ ? weight_norm(tape, v, value_of(tape, *gain_)) : v});
    return keys;
  }

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const AdditivePair pair = energy_.pair(tape, step.query, step.memory.keys, step.memory.own<Once>().v);
    return additive_scores(tape, pair.query, pair.keys, pair.v, step.sentence);
  }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    if (gain_) visitor(*gain_);
  }

 private:
  struct Once {
    Variable v;  // [1, A] normed, if it is to be
  };
  AdditiveEnergy energy_;
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

#include <optional>

#include "attention/additive_energy.h"
#include "heed/nn/attention.h"
#include "heed/nn/attention_constants.h"

namespace heed {
namespace {

/// score(q, h_j) = v . tanh(q W + h_j V + c_j w_c + b), c the coverage: the sum of the weights of all previous steps, 0
/// at the first (See et al. 2017, equations 10 and 11). With fertility c_j = sum of w_j / Phi_j,
/// Phi_j = N sigmoid(h_j U_f) (Tu et al. 2016, equations 9 and 10).
class Coverage : public ScoreAttention {
 public:
  Coverage(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options, bool fertility)
      : ScoreAttention(sizes, options),
        energy_(name, sizes),
        coverage_(make_matrix(name + ".coverage", 1, sizes.query)) {
    if (fertility) fertility_ = make_hoisted_weight(name + ".fertility", sizes.encoded, 1);
  }

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    const Variable fertility = fertility_ ? linear(tape, {{encoded.states, &*fertility_}}) : Variable();
    memory.keep(tape, Once{energy_.v(tape), value_of(tape, coverage_), fertility});
    return energy_.keys(tape, encoded);
  }

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const Once& once = step.memory.own<Once>();
    return additive_pair_scores(tape, energy_.pair(tape, step.query, step.memory.keys, once.v),
                                {carried_positions(tape, step), once.coverage}, step.sentence);
  }

  void carry(Tape& tape, const AttentionStep& step, AttentionTrace& now) const override {
    Variable coverage = now.weights;
    if (fertility_) {
      const SourceMatrix expected{step.memory.own<Once>().fertility, step.memory.keys.sentences};
      coverage = covered_share(tape, coverage, expected, kLargestFertility, step.sentence);
    }
    const Variable before = carried_positions(tape, step);
    now.carried = tape.list({before.empty() ? coverage : add(tape, before, coverage)});
  }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    visitor(coverage_);
    if (fertility_) visitor(*fertility_);
  }

 private:
  struct Once {
    Variable v;
    Variable coverage;   // [1, A]
    Variable fertility;  // [sum of S, 1] h_j U_f; or empty
  };
  AdditiveEnergy energy_;
  Parameter coverage_;                  // [1, A] w_c
  std::optional<Parameter> fertility_;  // [He, 1] U_f
};

}  // namespace

std::unique_ptr<Attention> make_coverage(const std::string& name, const AttentionSizes& sizes,
                                         const AttentionOptions& options) {
  return std::make_unique<Coverage>(name, sizes, options, false);
}

std::unique_ptr<Attention> make_coverage_fertility(const std::string& name, const AttentionSizes& sizes,
                                                   const AttentionOptions& options) {
  return std::make_unique<Coverage>(name, sizes, options, true);
}

}  // namespace heed

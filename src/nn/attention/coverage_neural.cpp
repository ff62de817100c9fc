#include "attention/additive_energy.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, h_j) = v . tanh(q W + h_j V + C_j U + b), C_j a small state of position j, 0 at first, that a GRU brings
/// forward after each step (Tu et al. 2016, equations 6 and 8, with gates):
///   C_j = GRU(C'_j, [w_j; h_j; q])     w_j the weight of this step
/// kernels/coverage.h has it in full.
class CoverageNeural : public ScoreAttention {
 public:
  CoverageNeural(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : ScoreAttention(sizes, options),
        energy_(name, sizes),
        values_(options.filters),
        coverage_(make_matrix(name + ".coverage", values_, sizes.query)),
        update_key_(make_hoisted_weight(name + ".update.key", sizes.encoded, 3 * values_, 3)),
        update_bias_(make_vector(name + ".update.bias", 3 * values_)),
        update_query_(make_weight(name + ".update.query", sizes.query, 3 * values_, 3)),
        update_weight_(make_matrix(name + ".update.weight", 1, 3 * values_, 3)),
        update_recurrent_(make_matrix(name + ".update.recurrent", values_, 3 * values_, 3)) {}

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    const Variable keys = energy_.keys(tape, encoded);
    memory.keep(tape, Once{energy_.v(tape), value_of(tape, coverage_),
                           linear(tape, {{encoded.states, &update_key_}}, &update_bias_),
                           value_of(tape, update_weight_), value_of(tape, update_recurrent_)});
    return keys;
  }

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const Once& once = step.memory.own<Once>();
    return additive_pair_scores(tape, energy_.pair(tape, step.query, step.memory.keys, once.v),
                                {carried_positions(tape, step, values_), once.coverage}, step.sentence);
  }

  void carry(Tape& tape, const AttentionStep& step, AttentionTrace& now) const override {
    const Once& once = step.memory.own<Once>();
    const SourceMatrix positions{once.positions, step.memory.keys.sentences};
    const GatedCoverageTerms terms{now.weights,
                                   carried_positions(tape, step, values_),
                                   linear(tape, {{step.query, &update_query_}}),
                                   positions,
                                   once.of_weight,
                                   once.recurrent};
    now.carried = tape.list({gated_coverage(tape, terms, step.sentence)});
  }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    for (Parameter* parameter :
         {&coverage_, &update_key_, &update_bias_, &update_query_, &update_weight_, &update_recurrent_}) {
      visitor(*parameter);
    }
  }

 private:
  struct Once {
    Variable v;
    Variable coverage;   // [F, A] U
    Variable positions;  // [sum of S, 3F] what the update reads of h_j
    Variable of_weight;  // [1, 3F] and of w_j
    Variable recurrent;  // [F, 3F] and of C_j
  };
  AdditiveEnergy energy_;
  std::int64_t values_;         // F
  Parameter coverage_;          // [F, A] U
  Parameter update_key_;        // [He, 3F]
  Parameter update_bias_;       // [1, 3F]
  Parameter update_query_;      // [Hd, 3F]
  Parameter update_weight_;     // [1, 3F]
  Parameter update_recurrent_;  // [F, 3F]
};

}  // namespace

std::unique_ptr<Attention> make_coverage_neural(const std::string& name, const AttentionSizes& sizes,
                                                const AttentionOptions& options) {
  return std::make_unique<CoverageNeural>(name, sizes, options);
}

}  // namespace heed

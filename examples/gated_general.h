// An attention mechanism of your own, from outside the library: a config names it as model.attention.kind:
// gated-general.
#pragma once
#include <heed/nn/attention.h>

using namespace heed;

/// score(q, k) = (q * sigmoid(q G)) . (k W) / d: luong-general, with a gate on what of the query is compared. d, a
/// thirty-second of the width, keeps scores small while W learns.
class GatedGeneral : public ScoreAttention {
 public:
  GatedGeneral(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : ScoreAttention(sizes, options),
        gate_(make_weight(name + ".gate", sizes.query, sizes.query)),
        key_(make_hoisted_weight(name + ".key", sizes.encoded, sizes.query)),
        factor_(32.0F / static_cast<float>(sizes.query)) {}
  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory&) const override {  // once per batch
    return scale(tape, linear(tape, {{encoded.states, &key_}}), factor_);
  }
  Variable score(Tape& tape, const AttentionStep& step) const override {  // once per target token
    const Variable gate = sigmoid(tape, linear(tape, {{step.query, &gate_}}));
    return dot_scores(tape, multiply(tape, step.query, gate), step.memory.keys, step.sentence);
  }
  void visit(const ParameterVisitor& visitor) override {
    visitor(gate_);
    visitor(key_);
  }

 private:
  Parameter gate_, key_;  // [Hd, Hd], [He, Hd]
  float factor_;          // 1 / d
};

const AttentionKind kGatedGeneral = {"gated-general", "bilinear score of a gated query", "examples/gated_general.h",
                                     ContextEntry::kOutput,
                                     [](const std::string& name, const AttentionSizes& sizes,
                                        const AttentionOptions& options) -> std::unique_ptr<Attention> {
                                       return std::make_unique<GatedGeneral>(name, sizes, options);
                                     }};

// An attention mechanism of your own, from outside the library: trains with it as a config says (model.attention.kind:
// gated-general), translates standard input and shows where it looked.   custom-attention CONFIG.yaml < sentences
#include <heed/nn/attention.h>
#include <heed/train/trainer.h>
#include <heed/translate/translator.h>
#include <heed/view/terminal.h>

#include <iostream>

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
  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {  // once per batch
    return {source_matrix(tape, scale(tape, linear(tape, {{encoded.states, &key_}}), factor_), encoded.sentences),
            source_matrix(tape, encoded.states, encoded.sentences)};
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

const AttentionKind kGatedGeneral = {"gated-general", "bilinear score of a gated query",
                                     "examples/custom_attention.cpp", ContextEntry::kOutput,
                                     [](const std::string& name, const AttentionSizes& sizes,
                                        const AttentionOptions& options) -> std::unique_ptr<Attention> {
                                       return std::make_unique<GatedGeneral>(name, sizes, options);
                                     }};

#ifdef HEED_CONFORMANCE  // the tests that every mechanism passes
#include <heed/testing/attention_conformance.h>
TEST(GatedGeneral, DoesWhatEveryMechanismDoes) { conformance::check(kGatedGeneral); }
#else
int main(int argc, char** argv) {
  add_attention_kind(kGatedGeneral);
  const Config config = Config::load(argc > 1 ? argv[1] : "custom.yaml", {});
  train(config, TrainingMode::kNew, {}, false);
  const Translator translator({Bundle::load(config.output)});
  for (std::string sentence; std::getline(std::cin, sentence);) {
    const Translated answer = translator.translate(std::span(&sentence, 1), {.beam = 5, .attention = true}).front();
    const Translation& best = answer.translations.front();
    std::cout << best.text << '\n' << render_terminal({answer.source_tokens, best.tokens, best.attention}, {});
  }
}
#endif

#include "output/generator.h"

namespace heed {
namespace {

class SoftmaxSearch : public StepOutput {
 public:
  explicit SoftmaxSearch(const OutputLayer& layer) : logits_(layer) {}
  void take(Tape&, const DecoderStep&, const DecoderState& now) override { logits_.take(now.attentional.value()); }
  RowScores row(std::int64_t r) override { return logits_.row(r); }

 private:
  GeneratorLogits logits_;
};

/// p(y) = softmax(h~ W + b).
class SoftmaxOutput : public Output {
 public:
  SoftmaxOutput(const ModelOptions& options, const Decoder& decoder)
      : dropout_(options.dropout.output), generator_(options, decoder) {}

  Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng* rng) const override {
    const Variable hidden = dropout(tape, steps.input.attentional, dropout_, rng);  // [rows, Hd]
    return cross_entropy(tape, hidden, generator_.layer(), steps.target.labels, options);
  }
  std::unique_ptr<StepOutput> search() const override { return std::make_unique<SoftmaxSearch>(generator_.layer()); }
  const OutputLayer* plain_softmax() const override { return &generator_.layer(); }
  double multiply_adds(double) const override { return generator_.multiply_adds(); }
  void visit(const ParameterVisitor& visitor) override { generator_.visit(visitor); }

 private:
  double dropout_;
  Generator generator_;
};

}  // namespace

OutputKind softmax_output() {
  return {.name = "softmax",
          .description = "a softmax over the vocabulary",
          .paper = "Bridle 1990",
          .make = [](const ModelOptions& options, const Decoder& decoder) -> std::unique_ptr<Output> {
            return std::make_unique<SoftmaxOutput>(options, decoder);
          },
          .plain_softmax = true};
}

}  // namespace heed

#pragma once
#include <string>

#include "output/generator.h"

namespace heed {

/// The exact sum over hard choices of one source position j (Wu, Shapiro and Cotterell 2018, equation 4):
///   p(y) = sum over j of weights[j] * softmax(tanh(x + p_j) W + b)(y)
/// h~ is tanh(x + p_j) given the position j: p_j is its state's term under the tanh, x the rest.
class MarginalOutput : public Output {
 public:
  MarginalOutput(const ModelOptions& options, const Decoder& decoder)
      : dropout_(options.dropout.output), combination_(decoder.combination()), generator_(options, decoder) {}

  OutputMemory prepare(Tape& tape, const Encoded& encoded, std::int64_t rows, Rng* rng) const override;
  void end_step(Tape& tape, const DecoderStep& step, const DecoderState& before, DecoderState& now) const override;
  Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng* rng) const override;
  std::unique_ptr<StepOutput> search() const override;
  double multiply_adds(double source_length) const override { return generator_.multiply_adds() * source_length; }
  void visit(const ParameterVisitor& visitor) override { generator_.visit(visitor); }

 protected:
  const OutputLayer& layer() const { return generator_.layer(); }

 private:
  double dropout_;
  const Combination& combination_;
  Generator generator_;
};

/// Whether the options have the mechanism that an output of the same name is made for.
bool has_mechanism(const ModelOptions& options, const std::string& name);
/// Throws UsageError for what a sum over whole outputs does not go together with.
void check_marginal(const Config& config, const std::string& name);

}  // namespace heed

#include "heed/autograd/recurrent_attention.h"
#include "output/marginal.h"

namespace heed {
namespace {

constexpr const char* kFirstOrder = "hard-exact-first-order";

/// The sum over chains of positions, of which each depends on the one before (Wu and Cotterell 2019). When the token is
/// known that a step was asked for, Bayes' rule tells the mechanism more of where that step stood.
class FirstOrderOutput : public MarginalOutput {
 public:
  using MarginalOutput::MarginalOutput;

  void begin_step(Tape& tape, const DecoderStep& step, DecoderState& before) const override {
    if (before.traces.empty()) return;
    const Variable weights = before.traces.front().weights;
    const Variable told = likelihood(tape, step.memory, before, 0, {step.input.ids, step.sentence});
    const Variable posterior =
        position_posterior(tape, tape.view(weights, 0, told.rows()), told, {step.memory.sentences, step.sentence});
    before.traces = tape.arena().list({AttentionTrace{weights, tape.list({posterior})}});
    before.output.likelihood = told;
  }

  void end_step(Tape& tape, const DecoderStep& step, const DecoderState& before, DecoderState& now) const override {
    MarginalOutput::end_step(tape, step, before, now);
    const std::int64_t rows = now.top.rows();
    const Tensor& mask = step.memory.output.mask;
    if (!mask.empty()) now.output.mask = mask.slice(step.input.first, rows);
    if (step.target == nullptr || before.traces.empty()) return;
    now.output.likelihood = before.output.likelihood;
    const std::int64_t ended = before.top.rows() - rows;
    if (ended == 0) return;
    now.output.ended = likelihood(tape, step.memory, before, rows,
                                  {std::span(step.target->labels).subspan(step.input.first - ended, ended),
                                   std::span(step.target->order).subspan(rows, ended)});
  }

  Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng*) const override {
    const ArenaList<Variable> parts = tape.arena().list<Variable>(2 * steps.states.size());
    std::size_t count = 0;
    for (const DecoderState& state : steps.states) {
      if (!state.output.likelihood.empty()) parts[count++] = state.output.likelihood;
      if (!state.output.ended.empty()) parts[count++] = state.output.ended;
    }
    const DecoderState& last = steps.states.back();
    const std::int64_t rows = last.top.rows();
    parts[count++] = likelihood(tape, steps.memory, last, 0,
                                {std::span(steps.target.labels).last(rows), std::span(steps.target.order).first(rows)});
    return marginal_loss(tape, concat_rows(tape, steps.weights(tape)), concat_rows(tape, {parts.data(), count}),
                         {steps.memory.sentences, steps.sentence}, options.scale);
  }

 private:
  /// Tokens that rows of a step are asked for, and the sentences that these look at.
  struct Asked {
    std::span<const int> tokens;
    std::span<const int> sentence;
  };
  /// log p(token r | row first + r of the state, position). [tokens, longest]
  Variable likelihood(Tape& tape, const DecoderMemory& memory, const DecoderState& state, std::int64_t first,
                      const Asked& asked) const {
    const auto rows = static_cast<std::int64_t>(asked.tokens.size());
    const Tensor mask = state.output.mask.empty() ? Tensor{} : state.output.mask.slice(first, rows);
    const PositionStates states{tape.view(state.output.without_context, first, rows), memory.output.positions, mask,
                                asked.sentence, memory.sentences};
    return position_log_probability(tape, states, layer(), asked.tokens);
  }
};

}  // namespace

OutputKind first_order_output() {
  return {.name = kFirstOrder,
          .description = "the exact sum over chains of source positions, each depending on the one before",
          .paper = "Wu and Cotterell 2019",
          .make = [](const ModelOptions& options, const Decoder& decoder) -> std::unique_ptr<Output> {
            return std::make_unique<FirstOrderOutput>(options, decoder);
          },
          .implied = [](const ModelOptions& options) { return has_mechanism(options, kFirstOrder); },
          .check = [](const Config& config) { check_marginal(config, kFirstOrder); },
          .sums_positions = true};
}

}  // namespace heed

#include "output/marginal.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/elementwise.h"
#include "heed/kernels/softmax.h"

namespace heed {
namespace {

constexpr const char* kHardExact = "hard-exact";

/// In search the sum is made for every token: the logits of a row's positions are one product.
class MarginalSearch : public StepOutput {
 public:
  explicit MarginalSearch(const OutputLayer& layer) : layer_(layer), log_probability_(layer.weight->out()) {}

  void start(Tape&, const SourceBatch&, const DecoderMemory& memory) override { memory_ = &memory; }
  void take(Tape& tape, const DecoderStep& step, const DecoderState& now) override {
    without_context_ = now.output.without_context;
    weights_ = now.weights(tape);
    sentence_ = step.sentence;
  }
  RowScores row(std::int64_t r) override {
    const std::int64_t length = memory_->sentences.lengths[sentence_[r]];
    const std::int64_t first = memory_->sentences.offsets[sentence_[r]];
    const std::int64_t hidden = without_context_.columns();
    if (states_.view().rows < length) {
      states_ = Buffer(length, hidden);
      logits_ = Buffer(length, layer_.weight->out());
    }
    const Tensor x = states_.view().slice(0, length);
    for (std::int64_t s = 0; s < length; ++s) {
      std::copy_n(without_context_.value().row(r), hidden, x.row(s));
      add_scaled(memory_->output.positions.value().row(first + s), 1.0F, x.row(s), hidden);
    }
    tanh_forward(x.data, x.data, x.size());
    const Tensor logits = logits_.view().slice(0, length);
    log_sums_.resize(length);
    matmul(x, layer_.weight->forward, logits, Accumulate::kNo);
    log_sum_exp(logits, layer_.bias->value.view().data, log_sums_);
    marginal_log_probability({weights_.value().row(r), static_cast<std::size_t>(length)}, logits, log_sums_,
                             log_probability_);
    return {.logits = log_probability_};
  }

 private:
  OutputLayer layer_;
  const DecoderMemory* memory_ = nullptr;  // of the batch
  Variable without_context_;               // [rows, Hd] of the step
  Variable weights_;                       // [rows, longest]
  std::span<const int> sentence_;          // [rows]
  Buffer states_;                          // [longest, Hd] of the current row
  Buffer logits_;                          // [longest, V]
  std::vector<float> log_sums_;            // [longest]
  std::vector<float> log_probability_;     // [V]
};

}  // namespace

OutputState OutputState::gather(Tape& tape, std::span<const int> rows) const {
  OutputState out;
  if (!without_context.empty()) out.without_context = gather_rows(tape, without_context, rows);
  return out;
}

OutputMemory MarginalOutput::prepare(Tape& tape, const Encoded& encoded, std::int64_t rows, Rng* rng) const {
  return {combination_.context_part(tape, encoded.states),
          draw_dropout(tape, rows, layer().weight->in(), dropout_, rng)};
}

void MarginalOutput::end_step(Tape& tape, const DecoderStep& step, const DecoderState&, DecoderState& now) const {
  now.output.without_context = combination_.without_context(tape, {{}, now.top, step.input.embedded});
}

Loss MarginalOutput::loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng*) const {
  const SentenceRows& sentences = steps.memory.sentences;
  const OutputMemory& memory = steps.memory.output;
  const auto rest = steps.rows_of(tape, [](const DecoderState& state) { return state.output.without_context; });
  const Variable likelihood = position_log_probability(
      tape, {rest, memory.positions, memory.mask, steps.sentence, sentences}, layer(), steps.target.labels);
  return marginal_loss(tape, concat_rows(tape, steps.weights(tape)), likelihood, {sentences, steps.sentence},
                       options.scale);
}

std::unique_ptr<StepOutput> MarginalOutput::search() const { return std::make_unique<MarginalSearch>(layer()); }

bool has_mechanism(const ModelOptions& options, const std::string& name) {
  const auto mechanisms = mechanisms_of(options.attention);
  return std::any_of(mechanisms.begin(), mechanisms.end(),
                     [&](const AttentionKind* kind) { return kind->name == name; });
}

void check_marginal(const Config& config, const std::string& name) {
  const ModelOptions& model = config.model;
  if (!has_mechanism(model, name)) {
    throw UsageError(
        fmt::format("model.output '{0}' is of the mechanism of that name: set model.attention.kind to '{0}', or "
                    "model.output to 'auto'",
                    name),
        {.key = "model.output"});
  }
  if (mechanisms_of(model.attention).size() > 1 || model.attention.hops > 1 || model.attends_in_each_layer()) {
    throw UsageError(
        fmt::format("model.attention: '{}' sums over outputs and must be alone: not with others, in hops, in "
                    "heads, or at each layer",
                    name),
        {.key = "model.attention.kind"});
  }
  if (config.training.label_smoothing.value_or(0) > 0) {
    throw UsageError(
        fmt::format("training.label_smoothing is not defined for the sum over positions of '{}': set it to 0", name),
        {.key = "training.label_smoothing"});
  }
}

OutputKind marginal_output() {
  return {.name = kHardExact,
          .description = "the exact sum over one latent source position for each token",
          .paper = "Wu, Shapiro and Cotterell 2018, equation 4",
          .make = [](const ModelOptions& options, const Decoder& decoder) -> std::unique_ptr<Output> {
            return std::make_unique<MarginalOutput>(options, decoder);
          },
          .implied = [](const ModelOptions& options) { return has_mechanism(options, kHardExact); },
          .check = [](const Config& config) { check_marginal(config, kHardExact); },
          .sums_positions = true};
}

}  // namespace heed

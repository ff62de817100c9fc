#include <algorithm>
#include <limits>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/model/output.h"

namespace heed {

// Each is defined in the file of its kind.
OutputKind softmax_output();
OutputKind copying_output();
OutputKind marginal_output();
OutputKind first_order_output();

const std::vector<OutputKind>& output_kinds() {
  static const std::vector<OutputKind> all = {
      softmax_output(),
      copying_output(),
      marginal_output(),
      first_order_output(),
  };
  return all;
}

namespace {

bool is_implied(const OutputKind& kind, const ModelOptions& options) {
  return kind.implied != nullptr && kind.implied(options);
}

}  // namespace

const OutputKind& output_kind(const ModelOptions& options) {
  const auto& kinds = output_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const OutputKind& kind) {
    return options.output == kAuto ? is_implied(kind, options) : kind.name == options.output;
  });
  return found == kinds.end() ? kinds.front() : *found;
}

void settle_output(ModelOptions& options) {
  const OutputKind& kind = output_kind(options);
  options.output = kind.name;
  options.copy = kind.copies ? kind.name : "none";
}

void check_output(const Config& config) {
  const OutputKind& chosen = output_kind(config.model);
  if (chosen.check != nullptr) chosen.check(config);
  for (const OutputKind& kind : output_kinds()) {
    if (&kind == &chosen || !is_implied(kind, config.model)) continue;
    throw UsageError(
        fmt::format("the output cannot be '{}' and '{}' at once: of model.output, model.copy and the mechanisms of "
                    "model.attention, only one may imply one",
                    chosen.name, kind.name),
        {.key = "model.output"});
  }
}

std::span<const Variable> ForcedSteps::weights(Tape& tape) {
  if (!mean_weights.empty() || states.front().traces.empty()) return mean_weights;
  mean_weights = tape.arena().list<Variable>(states.size());
  for (std::size_t t = 0; t < states.size(); ++t) mean_weights[t] = states[t].weights(tape);
  return mean_weights;
}

float RowScores::log_probability(std::size_t token) const {
  return token < logits.size() ? logits[token] - log_sum : -std::numeric_limits<float>::infinity();
}

}  // namespace heed

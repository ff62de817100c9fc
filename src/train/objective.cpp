#include "objective.h"

#include <algorithm>
#include <cmath>

#include "heed/metrics/registry.h"
#include "heed/train/bleu_options.h"

namespace heed {
namespace {

constexpr double kSteepness = 5;  // what of a curve lies between 0 and `updates`: exp(-5) is not reached

/// From 0 to 1 in training.scheduled_sampling.updates.
double way(const ScheduledSamplingOptions& options, double share) {
  if (options.kind == "exponential")
    return std::min(1.0, (1 - std::exp(-kSteepness * share)) / (1 - std::exp(-kSteepness)));
  if (options.kind != "inverse-sigmoid") return std::min(1.0, share);
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double low = sigmoid(-kSteepness), high = sigmoid(kSteepness);
  return share >= 1 ? 1 : (sigmoid(kSteepness * (2 * share - 1)) - low) / (high - low);
}

}  // namespace

double coverage_factor(const TrainingOptions& options, const TrainingExtent& now) {
  const Interval start = parse_interval(options.coverage_start);
  return start.of(now) < start.count ? 0 : options.coverage_loss;
}

double sampling_probability(const ScheduledSamplingOptions& options, const TrainingExtent& now) {
  if (options.kind == "none") return 0;
  return options.start + (options.end - options.start) * way(options, now.updates / options.updates);
}

RiskTerm risk_term(const Config& config, const TextSide& target) {
  const RiskOptions& risk = config.training.risk;
  const MetricInfo& metric = find_metric(risk.metric);
  const MetricOptions how{.tokenize = bleu_options(config.data.target, config.training.validation_tokenize).tokenize,
                          .effective_order = true};
  RiskTerm out{
      .weight = risk.weight, .candidates = risk.candidates, .sampled = risk.sampled, .sharpness = risk.sharpness};
  out.cost = [&metric, &target, how](std::span<const int> candidate, std::span<const int> reference) {
    const double percent =
        evaluate_metric(metric.name, {target.decode(candidate)}, {{target.decode(reference)}}, how).value;
    const double share = std::clamp(percent / 100, 0.0, 1.0);
    return metric.higher_is_better ? 1 - share : share;
  };
  return out;
}

}  // namespace heed

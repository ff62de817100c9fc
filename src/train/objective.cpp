#include "objective.h"

#include <algorithm>

#include "heed/metrics/registry.h"
#include "heed/train/bleu_options.h"

namespace heed {

double coverage_factor(const TrainingOptions& options, const TrainingExtent& now) {
  const Interval start = parse_interval(options.coverage_start);
  return start.of(now) < start.count ? 0 : options.coverage_loss;
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

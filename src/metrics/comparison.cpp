#include "heed/metrics/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heed/base/error.h"
#include "heed/base/rng.h"

namespace heed {

namespace {

using Figures = std::vector<double>;

constexpr std::uint64_t kSamples = 0, kTrials = 1;  // streams of random numbers

double mean(const Figures& figures) {
  return std::accumulate(figures.begin(), figures.end(), 0.) / static_cast<double>(figures.size());
}

/// [system][sample]
std::vector<Figures> bootstrap(std::span<const CountedMetric> systems, const ComparisonOptions& options) {
  Rng rng = Rng::stream(options.seed, kSamples);
  std::vector<Figures> out(systems.size());
  std::vector<std::size_t> drawn(systems.front().sentences());
  for (int sample = 0; sample < options.bootstrap; ++sample) {
    for (std::size_t& sentence : drawn) sentence = rng.below(drawn.size());
    for (std::size_t s = 0; s < systems.size(); ++s) out[s].push_back(systems[s].of(drawn));
  }
  return out;
}

/// Absolute differences to the first system where sentences are exchanged with it: [system - 1][trial]
std::vector<Figures> exchange(std::span<const CountedMetric> systems, const ComparisonOptions& options) {
  Rng rng = Rng::stream(options.seed, kTrials);
  std::vector<Figures> out(systems.size() - 1);
  std::vector<bool> kept(systems.front().sentences());
  for (int trial = 0; trial < options.randomization; ++trial) {
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = rng.below(2) == 0;
    for (std::size_t s = 1; s < systems.size(); ++s) {
      const double one = systems[0].mixed_with(systems[s], kept);
      const double other = systems[s].mixed_with(systems[0], kept);
      out[s - 1].push_back(std::abs(one - other));
    }
  }
  return out;
}

ConfidenceInterval interval_of(Figures figures) {
  std::sort(figures.begin(), figures.end());
  const std::size_t outside = figures.size() / 40;  // 2.5 % on each side
  return {mean(figures), figures[outside], figures[figures.size() - 1 - outside]};
}

/// The share of differences by chance that are as large as the real one, which counts as one of them (Noreen 1989).
/// sacreBLEU asks for larger ones, so that a system differs significantly from itself, and a single line makes a
/// difference of accuracies significant; where figures are never equal it is the same.
double p_value(const Figures& by_chance, double difference) {
  const auto as_large = std::count_if(by_chance.begin(), by_chance.end(), [&](double d) { return d >= difference; });
  return (static_cast<double>(as_large) + 1) / (static_cast<double>(by_chance.size()) + 1);
}

/// Differences of the samples, moved so that their mean is 0: as if the systems were equally good.
Figures centred_differences(const Figures& one, const Figures& other) {
  Figures out;
  for (std::size_t i = 0; i < one.size(); ++i) out.push_back(std::abs(one[i] - other[i]));
  const double middle = mean(out);
  for (double& difference : out) difference -= middle;
  return out;
}

/// sacreBLEU's fields for samples, trials and seed, which follow the number of references. Alignments have no
/// signature.
std::string with_fields(const std::string& signature, const ComparisonOptions& options, bool several) {
  if (signature.empty()) return "";
  std::string fields;
  if (options.bootstrap > 0) fields += fmt::format("|bs:{}", options.bootstrap);
  if (several && options.randomization > 0) fields += fmt::format("|ar:{}", options.randomization);
  if (!fields.empty()) fields += fmt::format("|seed:{}", options.seed);
  return std::string(signature).insert(signature.find('|', signature.find("|nrefs:") + 1), fields);
}

}  // namespace

std::vector<ComparedSystem> compare_systems(std::span<const CountedMetric> systems, const ComparisonOptions& options) {
  std::vector<ComparedSystem> out;
  for (const CountedMetric& system : systems) {
    if (system.sentences() != systems.front().sentences())
      throw Error(fmt::format("systems of {} and {} sentences cannot be compared", systems.front().sentences(),
                              system.sentences()));
    out.push_back({.figure = system.corpus(), .interval = {}});
    out.back().figure.signature = with_fields(out.back().figure.signature, options, systems.size() > 1);
  }
  const auto difference = [&](std::size_t s) { return std::abs(out[0].figure.value - out[s].figure.value); };
  if (options.bootstrap > 0) {
    const std::vector<Figures> samples = bootstrap(systems, options);
    for (std::size_t s = 0; s < out.size(); ++s) {
      out[s].interval = interval_of(samples[s]);
      if (s > 0) out[s].p = p_value(centred_differences(samples[0], samples[s]), difference(s));
    }
  }
  if (options.randomization > 0 && systems.size() > 1) {
    const std::vector<Figures> by_chance = exchange(systems, options);
    for (std::size_t s = 1; s < out.size(); ++s) out[s].p = p_value(by_chance[s - 1], difference(s));
  }
  return out;
}

}  // namespace heed

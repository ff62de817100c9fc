// Guided alignment: attention is trained towards given links.
#include <algorithm>
#include <cmath>

#include "heed/autograd/checks.h"

namespace heed {
namespace {

constexpr float kLeast = 1e-6F;  // of a weight: where a normaliser gives none, its logarithm is this one's

}  // namespace

double alignment_loss(Tape& tape, std::span<const Variable> weights, const AlignedRows& aligned, double scale) {
  const ArgumentCheck check("alignment_loss");
  std::int64_t rows = 0;
  for (const Variable& step : weights) {
    check.given("weights", step);
    rows += step.rows();
  }
  check.that(std::ssize(aligned.first) == rows + 1, "the rows of the weights are not those of the links");
  double total = 0;
  std::size_t row = 0;
  for (const Variable& step : weights) {
    for (std::int64_t r = 0; r < step.rows(); ++r, ++row) {
      const std::span<const int> links = aligned.of(row);
      check.ids("links", links, ArgumentCheck::kAny, step.columns());
      const float* const own = step.value().row(r);
      for (const int position : links) {
        total -= std::log(static_cast<double>(std::max(own[position], kLeast))) / static_cast<double>(links.size());
      }
    }
  }
  if (!tape.recording()) return total;
  const std::span<const Variable> kept = tape.arena().copy(weights);
  tape.record([kept, aligned, scale] {
    std::size_t at = 0;
    for (const Variable& step : kept) {
      for (std::int64_t r = 0; r < step.rows(); ++r, ++at) {
        const std::span<const int> links = aligned.of(at);
        const double share = scale / static_cast<double>(std::max<std::size_t>(links.size(), 1));
        for (const int position : links) {
          const float weight = std::max(step.value().row(r)[position], kLeast);
          step.gradient().row(r)[position] -= static_cast<float>(share / static_cast<double>(weight));
        }
      }
    }
  });
  return total;
}

}  // namespace heed

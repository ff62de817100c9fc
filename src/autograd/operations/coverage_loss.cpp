// The coverage loss (See et al. 2017, equations 11 to 13).
#include <algorithm>

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

// d += factor where a is less than b.
void add_where_less(const Tensor& a, const Tensor& b, float factor, const Tensor& d) {
  for (std::int64_t i = 0; i < a.size(); ++i) {
    if (a.data[i] < b.data[i]) d.data[i] += factor;
  }
}

// coverage[t]: the sum of the weights of the steps before t. Rows that end have no further coverage.
std::span<const Tensor> coverages(Arena& arena, std::span<const Variable> weights) {
  const std::span<Tensor> out = arena.array<Tensor>(weights.size());
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const Tensor& now = weights[t].value();
    out[t] = arena.zeros(now.rows, now.columns);
    if (t == 0) continue;
    std::copy_n(out[t - 1].data, now.size(), out[t].data);
    add_scaled(weights[t - 1].value().data, 1.0F, out[t].data, now.size());
  }
  return out;
}

}  // namespace

double coverage_loss(Tape& tape, std::span<const Variable> weights, double scale) {
  if (weights.empty()) return 0;
  const ArgumentCheck check("coverage_loss");
  check.given("weights", weights.front());
  for (std::size_t t = 1; t < weights.size(); ++t) {
    check.given("weights", weights[t]);
    check.first_rows("weights", weights[t - 1], weights[t].rows(), weights[t].columns());
  }
  const std::span<const Tensor> coverage = coverages(tape.arena(), weights);
  double total = 0;
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const Tensor& now = weights[t].value();
    for (std::int64_t i = 0; i < now.size(); ++i) {
      total += static_cast<double>(std::min(now.data[i], coverage[t].data[i]));
    }
  }
  if (!tape.recording()) return total;
  const std::span<const Variable> kept = tape.arena().copy(weights);
  tape.record([&tape, kept, coverage, factor = static_cast<float>(scale)] {
    // Of the coverage after step t; it has the rows of all later steps.
    const Tensor d_coverage = tape.arena().zeros(kept.front().rows(), kept.front().columns());
    for (std::size_t t = kept.size(); t-- > 0;) {
      const Tensor& now = kept[t].value();
      const Tensor d_weights = kept[t].gradient();
      add_scaled(d_coverage.data, 1.0F, d_weights.data, now.size());
      add_where_less(now, coverage[t], factor, d_weights);
      add_where_less(coverage[t], now, factor, d_coverage.slice(0, now.rows));
    }
  });
  return total;
}

}  // namespace heed

// Of probed pairs: rank correlation, means and their intervals.
#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/base/rng.h"
#include "heed/translate/probe.h"

namespace heed {
namespace {

constexpr int kSamples = 1000;  // of the bootstrap

struct FigureText {
  const char* name;
  const char* description;
};
constexpr std::array<FigureText, kProbeFigures> kTexts = {{
    {"attention_erasure", "rank correlation of attention and erasure"},
    {"attention_saliency", "rank correlation of attention and saliency"},
    {"erasure_saliency", "rank correlation of erasure and saliency"},
    {"attention_random", "rank correlation of attention and a random order"},
    {"top_erasure", "share where the most attended moves most"},
    {"top_saliency", "share where the most attended is the most salient"},
    {"top_random", "share where a random token would"},
    {"permuted", "change of the output with permuted weights"},
    {"uniform", "change of the output with equal weights"},
    {"deleted_by_attention", "fall of log p, most attended deleted first"},
    {"deleted_by_saliency", "fall of log p, most salient deleted first"},
    {"deleted_by_erasure", "fall of log p, what moves most deleted first"},
    {"deleted_at_random", "fall of log p, deleted at random"},
}};

int sign(float difference) { return (difference > 0) - (difference < 0); }

}  // namespace

const char* name_of(ProbeFigure figure) { return kTexts[static_cast<std::size_t>(figure)].name; }
const char* describe(ProbeFigure figure) { return kTexts[static_cast<std::size_t>(figure)].description; }

double kendall_tau(std::span<const float> a, std::span<const float> b) {
  long together = 0;  // pairs in the same order less those in the other
  long ordered_by_a = 0;
  long ordered_by_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int by_a = sign(a[i] - a[j]);
      const int by_b = sign(b[i] - b[j]);
      together += by_a * by_b;
      ordered_by_a += by_a * by_a;
      ordered_by_b += by_b * by_b;
    }
  }
  if (ordered_by_a == 0 || ordered_by_b == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(together) /
         std::sqrt(static_cast<double>(ordered_by_a) * static_cast<double>(ordered_by_b));
}

void ProbeSummary::add(const Probed& probed) {
  if (probed.tokens.empty()) return;
  Sums& sums = sums_.emplace_back();
  tokens_ += static_cast<long>(probed.tokens.size());
  for (const ProbedToken& token : probed.tokens) {
    for (std::size_t f = 0; f < kProbeFigures; ++f) {
      if (std::isnan(token[f])) continue;
      sums.sum[f] += token[f];
      ++sums.count[f];
    }
  }
}

std::array<ProbeResult, kProbeFigures> ProbeSummary::results(std::uint64_t seed) const {
  std::array<ProbeResult, kProbeFigures> out;
  for (std::size_t f = 0; f < kProbeFigures; ++f) {
    const auto mean_of = [&](auto next) {
      double sum = 0;
      long count = 0;
      for (std::size_t i = 0; i < sums_.size(); ++i) {
        const Sums& pair = sums_[next(i)];
        sum += pair.sum[f];
        count += pair.count[f];
      }
      out[f].tokens = count;
      return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
    };
    Rng rng(seed);  // the same sentences for every figure
    std::vector<double> means;
    for (int sample = 0; sample < kSamples; ++sample) {
      const double mean = mean_of([&](std::size_t) { return rng.below(sums_.size()); });
      if (!std::isnan(mean)) means.push_back(mean);
    }
    out[f].mean = mean_of([](std::size_t i) { return i; });
    std::sort(means.begin(), means.end());
    if (means.empty()) means.push_back(out[f].mean);
    out[f].low = means[means.size() / 40];
    out[f].high = means[means.size() - 1 - means.size() / 40];
  }
  return out;
}

}  // namespace heed

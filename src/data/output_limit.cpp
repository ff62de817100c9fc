#include "heed/data/output_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "heed/base/error.h"
#include "heed/data/examples.h"
#include "heed/data/length_counts.h"

namespace heed {
namespace {

constexpr double kMostRatio = 1e4;
constexpr int kMostExtra = 1000000;
constexpr double kMargin = 1.25;
constexpr int kExtraMargin = 10;
constexpr double kUsual = 0.99;  // share of the long pairs whose ratio is within the limit's

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Of pairs of one length: tokens with EOS.
struct Lengths {
  double source;
  double target;
  long pairs;
};

/// Target tokens for each source token that hardly a pair needs more of. Short pairs have no say: theirs is the part
/// that does not grow with the source, of which the constant takes care. `sorted`: by source, then target.
double usual_ratio(const std::vector<Lengths>& sorted, long pairs) {
  long shorter = pairs / 2;
  std::vector<std::pair<double, long>> ratios;
  for (const Lengths& each : sorted) {
    const long skipped = std::min(shorter, each.pairs);
    shorter -= skipped;
    if (each.pairs > skipped) ratios.emplace_back(each.target / each.source, each.pairs - skipped);
  }
  std::sort(ratios.begin(), ratios.end());
  const long longer = pairs - pairs / 2;
  long usual = std::min(static_cast<long>(kUsual * static_cast<double>(longer)), longer - 1);
  for (const auto& [ratio, count] : ratios) {
    if (usual < count) return ratio;
    usual -= count;
  }
  return ratios.back().first;
}

}  // namespace

std::string OutputLimit::text() const {
  if (ratio == 0) return std::to_string(extra);
  return extra == 0 ? fmt::format("x{}", ratio) : fmt::format("x{}+{}", ratio, extra);
}

OutputLimit OutputLimit::parse(std::string_view text) {
  const auto fail = [&] {
    throw UsageError(
        fmt::format("'{}' is no limit of an answer's tokens: expected N, xR (R times the source's tokens) "
                    "or xR+N, with R up to {} and N up to {}",
                    text, kMostRatio, kMostExtra));
  };
  OutputLimit out{0, 0};
  std::string_view rest = text;
  const bool relative = rest.starts_with('x');
  if (relative) {
    rest.remove_prefix(1);
    const std::size_t plus = std::min(rest.find('+'), rest.size());
    const auto ratio = number<double>(rest.substr(0, plus));
    if (!ratio || !(*ratio > 0 && *ratio <= kMostRatio)) fail();
    out.ratio = *ratio;
    if (plus == rest.size()) return out;
    rest.remove_prefix(plus + 1);
  }
  const auto extra = number<int>(rest);
  if (!extra || *extra < (relative ? 0 : 1) || *extra > kMostExtra) fail();
  out.extra = *extra;
  return out;
}

// The ratio is that of the long pairs but for the hundredth with the largest, so that one pair that was put together by
// mistake does not stretch the answers to every source. The constant is what the pair that needs most then lacks.
OutputLimit OutputLimit::fit(const LengthCounts& pairs) {
  if (pairs.empty()) return {};
  std::vector<Lengths> lengths;
  long all = 0;
  for (const auto& [length, count] : pairs.sorted()) {
    lengths.push_back({length.source + 1.0, length.target + 1.0, count});
    all += count;
  }
  const double ratio = usual_ratio(lengths, all);
  double lacking = 0;
  for (const Lengths& pair : lengths) lacking = std::max(lacking, pair.target - ratio * pair.source);
  constexpr double kSteps = 100;  // of the ratio as it is written
  OutputLimit out;
  out.ratio = std::min(std::ceil(kMargin * ratio * kSteps) / kSteps, kMostRatio);
  out.extra = std::min(static_cast<int>(std::ceil(kMargin * lacking)) + kExtraMargin, kMostExtra);
  return out;
}

OutputLimit OutputLimit::fit(const Examples& pairs) { return fit(LengthCounts(pairs)); }

OutputLimit OutputLimit::widest(const OutputLimit& a, const OutputLimit& b) {
  return {std::max(a.ratio, b.ratio), std::max(a.extra, b.extra)};
}

}  // namespace heed

#include "heed/data/output_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "heed/base/error.h"
#include "heed/data/examples.h"

namespace heed {
namespace {

constexpr double kMostRatio = 1e4;
constexpr int kMostExtra = 1000000;
constexpr double kMargin = 1.25;
constexpr int kExtraMargin = 10;
constexpr double kUsual = 0.99;  // share of the long pairs whose ratio is within the limit's

struct Lengths {
  double source;
  double target;
};

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::size_t place(double share, std::size_t count) {
  return std::min(static_cast<std::size_t>(share * static_cast<double>(count)), count - 1);
}

/// Target tokens for each source token that hardly a pair needs more of. Short pairs have no say: theirs is the part
/// that does not grow with the source, of which the constant takes care.
double usual_ratio(std::vector<Lengths> pairs) {
  const auto shorter = [](const Lengths& a, const Lengths& b) { return a.source < b.source; };
  const auto middle = pairs.begin() + static_cast<std::ptrdiff_t>(pairs.size() / 2);
  std::nth_element(pairs.begin(), middle, pairs.end(), shorter);
  std::vector<double> ratios;
  for (auto pair = middle; pair != pairs.end(); ++pair) ratios.push_back(pair->target / pair->source);
  const auto usual = ratios.begin() + static_cast<std::ptrdiff_t>(place(kUsual, ratios.size()));
  std::nth_element(ratios.begin(), usual, ratios.end());
  return *usual;
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
OutputLimit OutputLimit::fit(const Examples& pairs) {
  if (pairs.empty()) return {};
  std::vector<Lengths> lengths;
  lengths.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Example pair = pairs[i];
    lengths.push_back({static_cast<double>(pair.source.size() + 1), static_cast<double>(pair.target.size() + 1)});
  }
  const double ratio = usual_ratio(lengths);
  double lacking = 0;
  for (const Lengths& pair : lengths) lacking = std::max(lacking, pair.target - ratio * pair.source);
  constexpr double kSteps = 100;  // of the ratio as it is written
  OutputLimit out;
  out.ratio = std::min(std::ceil(kMargin * ratio * kSteps) / kSteps, kMostRatio);
  out.extra = std::min(static_cast<int>(std::ceil(kMargin * lacking)) + kExtraMargin, kMostExtra);
  return out;
}

OutputLimit OutputLimit::widest(const OutputLimit& a, const OutputLimit& b) {
  return {std::max(a.ratio, b.ratio), std::max(a.extra, b.extra)};
}

}  // namespace heed

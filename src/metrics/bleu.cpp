#include "heed/metrics/bleu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "bleu_tokenizers.h"
#include "choices.h"
#include "counts.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "ngram_matches.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

constexpr std::size_t kOrders = 4;

// A row: tokens of the hypothesis and of the closest reference, n-grams of each order that both have, n-grams of the
// hypothesis.
constexpr std::size_t kHypothesis = 0, kReference = 1, kCorrect = 2, kTotal = kCorrect + kOrders;
constexpr std::size_t kWidth = kTotal + kOrders;

struct Smoothing {
  std::string name;
  double default_value = 0;  // 0: it has none
  double added = 0;          // times the value, to the counts of orders above 1
  double floor = 0;          // times the value, for an order without a match
  bool halves = false;       // the first order without a match counts 1/2 match, the second 1/4, and so on
};

const std::vector<Smoothing>& smoothings() {
  static const std::vector<Smoothing> all = {
      {.name = "exp", .halves = true},
      {.name = "floor", .default_value = 0.1, .floor = 1},
      {.name = "add-k", .default_value = 1, .added = 1},
      {.name = "none"},
  };
  return all;
}

double value_of(const Smoothing& smoothing, const BleuOptions& options) {
  const double value = options.smooth_value.value_or(smoothing.default_value);
  if (options.smooth_value && !(value > 0 && std::isfinite(value)))
    throw UsageError(fmt::format("smooth_value is {}; it must be > 0", value));
  return value;
}

/// The length of the reference closest to `length`, of equally close ones the shorter.
std::size_t closest(std::size_t length, const std::vector<std::size_t>& references) {
  const auto distance = [&](std::size_t other) { return other > length ? other - length : length - other; };
  return *std::min_element(references.begin(), references.end(), [&](std::size_t a, std::size_t b) {
    return distance(a) != distance(b) ? distance(a) < distance(b) : a < b;
  });
}

struct Precisions {
  std::array<double, kOrders> percent{};
  std::size_t orders = 0;  // that the hypotheses have n-grams of
};

Precisions precisions_of(Sums sums, const BleuOptions& options) {
  const Smoothing& smoothing = chosen("smooth", options.smooth, smoothings());
  const double value = value_of(smoothing, options);
  Precisions out;
  const Sums matches = sums.subspan(kCorrect, kOrders);
  if (std::all_of(matches.begin(), matches.end(), [](double n) { return n == 0; })) return out;  // nothing to smooth
  double divisor = 1;
  for (std::size_t n = 0; n < kOrders; ++n) {
    const double added = n > 0 ? smoothing.added * value : 0;
    const double correct = matches[n] + added;
    const double total = sums[kTotal + n] + added;
    if (total == 0) break;
    out.orders = n + 1;
    if (correct > 0) {
      out.percent[n] = 100 * correct / total;
    } else if (smoothing.halves) {
      divisor *= 2;
      out.percent[n] = 100 / (divisor * total);
    } else {
      out.percent[n] = 100 * smoothing.floor * value / total;
    }
  }
  return out;
}

double brevity_penalty_of(double hypothesis, double reference) {
  if (hypothesis >= reference) return 1;
  return hypothesis == 0 ? 0 : std::exp(1 - reference / hypothesis);
}

/// Of the first `orders`.
double geometric_mean(const std::array<double, kOrders>& values, std::size_t orders) {
  double sum = 0;
  for (std::size_t n = 0; n < orders; ++n) {
    if (values[n] == 0) return 0;
    sum += std::log(values[n]);
  }
  return orders == 0 ? 0 : std::exp(sum / static_cast<double>(orders));
}

std::string smooth_field(const BleuOptions& options) {
  const Smoothing& smoothing = chosen("smooth", options.smooth, smoothings());
  return smoothing.default_value == 0 ? options.smooth
                                      : fmt::format("{}[{:.2f}]", options.smooth, value_of(smoothing, options));
}

}  // namespace

const std::vector<std::string>& bleu_tokenizers() {
  static const std::vector<std::string> all = names_of(bleu_tokenizer_table());
  return all;
}

const std::vector<std::string>& bleu_smoothings() {
  static const std::vector<std::string> all = names_of(smoothings());
  return all;
}

bool has_smooth_value(const std::string& smooth) { return chosen("smooth", smooth, smoothings()).default_value > 0; }

SentenceCounts count_bleu(const Texts& texts, const BleuOptions& options) {
  const auto tokenize = chosen("tokenize", options.tokenize, bleu_tokenizer_table()).tokenize;
  value_of(chosen("smooth", options.smooth, smoothings()), options);
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = kWidth, .references = segments.count};
  counts.rows.resize(texts.hypotheses.size() * kWidth);
  NgramMatches matches(kOrders);
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    WordIds ids;
    const auto tokens = [&](std::string_view line) {
      const std::string text = tokenize(options.lowercase ? utf8::lowercase(line) : std::string(line));
      return ids(split_words(text));
    };
    matches.clear();
    std::vector<std::size_t> lengths;
    for (const std::string_view line : segments.references[i]) {
      const std::vector<int> reference = tokens(line);
      matches.add_reference(reference);
      lengths.push_back(reference.size());
    }
    const std::vector<int> hypothesis = tokens(texts.hypotheses[i]);
    const std::span<double> row(&counts.rows[i * kWidth], kWidth);
    row[kHypothesis] = static_cast<double>(hypothesis.size());
    row[kReference] = static_cast<double>(closest(hypothesis.size(), lengths));
    matches.count(hypothesis, row.subspan(kCorrect, kOrders));
    for (std::size_t n = 1; n <= kOrders; ++n) row[kTotal + n - 1] = ngrams_in(hypothesis.size(), n);
  }
  return counts;
}

BleuScore bleu_of(Sums sums, const std::string& references, const BleuOptions& options) {
  const Precisions precisions = precisions_of(sums, options);
  BleuScore result;
  result.precisions = precisions.percent;
  result.brevity_penalty = brevity_penalty_of(sums[kHypothesis], sums[kReference]);
  const std::size_t orders = options.effective_order ? precisions.orders : kOrders;
  result.score = result.brevity_penalty * geometric_mean(precisions.percent, orders);
  result.hypothesis_length = static_cast<long>(sums[kHypothesis]);
  result.reference_length = static_cast<long>(sums[kReference]);
  result.signature = signature("BLEU", references,
                               fmt::format("case:{}|eff:{}|tok:{}|smooth:{}", case_field(options.lowercase),
                                           yes_no(options.effective_order), options.tokenize, smooth_field(options)));
  return result;
}

BleuScore bleu(const Lines& hypotheses, const std::vector<Lines>& references, const BleuOptions& options) {
  const SentenceCounts counts = count_bleu({hypotheses, references}, options);
  return bleu_of(counts.sum(), counts.references, options);
}

}  // namespace heed

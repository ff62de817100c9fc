#include "heed/metrics/bleu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

constexpr std::size_t kOrders = 4;

struct Counts {
  std::array<long, kOrders> correct{};  // n-grams of the hypotheses that a reference has too
  std::array<long, kOrders> total{};
};

void check_choice(const std::string& key, const std::string& value, const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  throw UsageError(fmt::format("unknown {} '{}'; known are {}{}", key, value, fmt::join(choices, ", "),
                               did_you_mean(value, choices)));
}

/// The line's tokens with one space between them.
std::string prepare(std::string_view line, const BleuOptions& options) {
  const std::string text = options.lowercase ? utf8::lowercase(line) : std::string(line);
  return options.tokenize == "13a" ? tokenize_13a(text) : join(split_words(text), " ");
}

/// Adds a sentence; returns the length of the closest reference, of equally close ones the shorter.
long add_sentence(const std::string& hypothesis, const std::vector<std::string>& references, Counts& counts) {
  const auto words = split_words(hypothesis);
  std::vector<std::vector<std::string_view>> reference_words;
  reference_words.reserve(references.size());
  for (const std::string& reference : references) reference_words.push_back(split_words(reference));

  for (std::size_t n = 1; n <= kOrders; ++n) {
    NgramCounts most;  // of any reference
    for (const auto& reference : reference_words) {
      for (const auto& [ngram, count] : count_ngrams(reference, n)) most[ngram] = std::max(most[ngram], count);
    }
    counts.correct[n - 1] += overlap(count_ngrams(words, n), most);
    counts.total[n - 1] += ngrams_in(words.size(), n);
  }

  const long length = static_cast<long>(words.size());
  long closest = static_cast<long>(reference_words[0].size());
  for (const auto& reference : reference_words) {
    const long other = static_cast<long>(reference.size());
    const long difference = std::labs(other - length) - std::labs(closest - length);
    if (difference < 0 || (difference == 0 && other < closest)) closest = other;
  }
  return closest;
}

/// Precisions in percent. With "exp", the first order without a match counts 1/2 match, the second 1/4, and so on.
std::array<double, kOrders> precisions_of(const Counts& counts, const std::string& smooth) {
  std::array<double, kOrders> precisions{};
  if (counts.correct[0] == 0) return precisions;  // no word in common: nothing to smooth
  double divisor = 1;
  for (std::size_t n = 0; n < kOrders && counts.total[n] > 0; ++n) {
    const double total = static_cast<double>(counts.total[n]);
    if (counts.correct[n] > 0) {
      precisions[n] = 100 * static_cast<double>(counts.correct[n]) / total;
    } else if (smooth == "exp") {
      divisor *= 2;
      precisions[n] = 100 / (divisor * total);
    }
  }
  return precisions;
}

double brevity_penalty_of(long hypothesis, long reference) {
  if (hypothesis >= reference) return 1;
  return hypothesis == 0 ? 0 : std::exp(1 - static_cast<double>(reference) / static_cast<double>(hypothesis));
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

/// Those that there are n-grams of in the hypotheses.
std::size_t orders_in(const Counts& counts) {
  return static_cast<std::size_t>(
      std::count_if(counts.total.begin(), counts.total.end(), [](long n) { return n > 0; }));
}

}  // namespace

const std::vector<std::string>& bleu_tokenizers() {
  static const std::vector<std::string> all = {"13a", "none"};
  return all;
}

BleuScore bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
               const BleuOptions& options) {
  check_choice("tokenize", options.tokenize, bleu_tokenizers());
  check_choice("smooth", options.smooth, {"exp", "none"});
  const Segments segments = segments_of(hypotheses, references);

  BleuScore result;
  Counts counts;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::string> prepared;
    for (const std::string_view reference : segments.references[i]) prepared.push_back(prepare(reference, options));
    result.reference_length += add_sentence(prepare(hypotheses[i], options), prepared, counts);
  }
  result.hypothesis_length = counts.total[0];
  result.precisions = precisions_of(counts, options.smooth);
  result.brevity_penalty = brevity_penalty_of(result.hypothesis_length, result.reference_length);
  const std::size_t orders = options.effective_order ? orders_in(counts) : kOrders;
  result.score = result.brevity_penalty * geometric_mean(result.precisions, orders);
  result.signature = fmt::format("nrefs:{}|case:{}|eff:{}|tok:{}|smooth:{}|version:heed-{}", segments.count,
                                 options.lowercase ? "lc" : "mixed", options.effective_order ? "yes" : "no",
                                 options.tokenize, options.smooth, kVersion);
  return result;
}

}  // namespace heed

#include "heed/metrics/chrf.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

/// Counts of the n-grams of one order.
struct OrderCounts {
  long hypothesis = 0;
  long reference = 0;
  long common = 0;
};

using CountsByOrder = std::vector<OrderCounts>;  // [order - 1]

/// All n-grams of a line.
struct Ngrams {
  std::size_t length = 0;           // characters
  std::vector<NgramCounts> counts;  // [order - 1]
};

std::string prepare(std::string_view line, const ChrfOptions& options) {
  const std::string text = options.lowercase ? utf8::lowercase(line) : std::string(line);
  return options.whitespace ? text : join(split_words(text), "");
}

Ngrams ngrams_of(const std::string& text, const ChrfOptions& options) {
  const auto characters = utf8::chars(text);
  Ngrams ngrams{characters.size(), {}};
  for (int n = 1; n <= options.char_order; ++n) ngrams.counts.push_back(count_ngrams(characters, n));
  return ngrams;
}

CountsByOrder compare(const Ngrams& hypothesis, const Ngrams& reference) {
  CountsByOrder counts;
  for (std::size_t n = 1; n <= hypothesis.counts.size(); ++n) {
    OrderCounts order;
    order.reference = ngrams_in(reference.length, n);
    // Where the reference is too short to have any, those of the hypothesis are not held against it.
    order.hypothesis = order.reference == 0 ? 0 : ngrams_in(hypothesis.length, n);
    order.common = overlap(hypothesis.counts[n - 1], reference.counts[n - 1]);
    counts.push_back(order);
  }
  return counts;
}

double f_score(double precision, double recall, double beta) {
  const double weight = beta * beta;
  const double denominator = weight * precision + recall;
  return denominator > 0 ? (1 + weight) * precision * recall / denominator : 0;
}

/// The F score of averaged precision and recall, over the orders that both sides have.
double effective_score(const CountsByOrder& counts, double beta) {
  double precision = 0;
  double recall = 0;
  int orders = 0;
  for (const OrderCounts& order : counts) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    precision += static_cast<double>(order.common) / static_cast<double>(order.hypothesis);
    recall += static_cast<double>(order.common) / static_cast<double>(order.reference);
    ++orders;
  }
  return orders == 0 ? 0 : 100 * f_score(precision / orders, recall / orders, beta);
}

/// The average of the F scores of all orders, missing ones having (next to) nothing.
double epsilon_score(const CountsByOrder& counts, double beta) {
  constexpr double kEpsilon = 1e-16;
  double sum = 0;
  for (const OrderCounts& order : counts) {
    const double common = static_cast<double>(order.common);
    const double precision = order.hypothesis > 0 ? common / static_cast<double>(order.hypothesis) : kEpsilon;
    const double recall = order.reference > 0 ? common / static_cast<double>(order.reference) : kEpsilon;
    sum += f_score(precision, recall, beta);
  }
  return 100 * sum / static_cast<double>(counts.size());
}

double score_of(const CountsByOrder& counts, const ChrfOptions& options) {
  return options.epsilon_smoothing ? epsilon_score(counts, options.beta) : effective_score(counts, options.beta);
}

/// The counts against the reference that gives the best score, the first of equals.
CountsByOrder best_counts(const std::string& hypothesis, const std::vector<std::string_view>& references,
                          const ChrfOptions& options) {
  const std::string text = prepare(hypothesis, options);
  const Ngrams ngrams = ngrams_of(text, options);
  CountsByOrder best;
  double best_score = -1;
  for (const std::string_view reference : references) {
    const std::string reference_text = prepare(reference, options);
    CountsByOrder counts = compare(ngrams, ngrams_of(reference_text, options));
    const double score = score_of(counts, options);
    if (score > best_score) {
      best_score = score;
      best = std::move(counts);
    }
  }
  return best;
}

}  // namespace

ChrfScore chrf(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
               const ChrfOptions& options) {
  if (options.char_order < 1) throw UsageError(fmt::format("char_order is {}; it must be >= 1", options.char_order));
  const Segments segments = segments_of(hypotheses, references);
  CountsByOrder totals(options.char_order);
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const CountsByOrder counts = best_counts(hypotheses[i], segments.references[i], options);
    for (std::size_t n = 0; n < totals.size(); ++n) {
      totals[n].hypothesis += counts[n].hypothesis;
      totals[n].reference += counts[n].reference;
      totals[n].common += counts[n].common;
    }
  }
  const auto yes_no = [](bool value) { return value ? "yes" : "no"; };
  return {score_of(totals, options),
          fmt::format("nrefs:{}|case:{}|eff:{}|nc:{}|nw:0|space:{}|version:heed-{}", segments.count,
                      options.lowercase ? "lc" : "mixed", yes_no(!options.epsilon_smoothing), options.char_order,
                      yes_no(options.whitespace), kVersion)};
}

}  // namespace heed

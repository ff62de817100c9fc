// Attention that knows where the steps before have looked.
#include "heed/kernels/coverage.h"

#include "heed/autograd/checks.h"
#include "heed/autograd/recurrent_attention.h"
#include "heed/kernels/location.h"
#include "heed/kernels/pair_scores.h"
#include "kept_pairing.h"

namespace heed {

Variable additive_pair_scores(Tape& tape, const AdditivePair& pair, const PairTerm& term,
                              std::span<const int> sentence) {
  const SentenceRows& sentences = pair.keys.sentences;
  const ArgumentCheck check("additive_pair_scores");
  check.additive(pair, sentence);
  if (!term.values.empty()) {
    check.shape("weights", term.weights, ArgumentCheck::kAny, pair.query.columns());
    check.shape("values", term.values, pair.query.rows(), sentences.longest * term.weights.rows());
  }
  Variable out = tape.variable(tape.arena().zeros(pair.query.rows(), sentences.longest));
  const Pairing pairing = kept_pairing(tape, {sentences, sentence});
  const PairFeatures features =
      term.values.empty() ? PairFeatures{} : PairFeatures{term.values.value(), term.weights.value()};
  const AdditivePairs pairs{pair.query.value(), pair.keys.rows.value(), pair.v.value().data};
  pair_scores(pairing, pairs, features, out.value());
  tape.record([pair, term, pairing, pairs, features, out] {
    if (!out.has_gradient()) return;
    const PairFeatures d_features =
        term.values.empty() ? PairFeatures{} : PairFeatures{term.values.gradient(), term.weights.gradient()};
    pair_scores_backward(
        pairing, pairs, features,
        {out.gradient(), pair.query.gradient(), pair.keys.rows.gradient(), pair.v.gradient().data, d_features});
  });
  return out;
}

Variable location_features(Tape& tape, const Variable& weights, const Variable& filters, const SentenceRows& sentences,
                           std::span<const int> sentence) {
  const auto rows = static_cast<std::int64_t>(sentence.size());
  const ArgumentCheck check("location_features");
  check.pairing({sentences, sentence}, ArgumentCheck::kAny);
  check.first_rows("weights", weights, rows, sentences.longest);
  check.given("filters", filters);
  check.that(filters.rows() % 2 == 1, "the filters have an even number of rows");
  Variable out = tape.variable(tape.arena().zeros(rows, sentences.longest * filters.columns()));
  const Pairing pairing = kept_pairing(tape, {sentences, sentence});
  add_location_features(pairing, weights.value(), filters.value(), out.value());
  tape.record([weights, filters, pairing, out] {
    if (!out.has_gradient()) return;
    location_backward(pairing, weights.value(), filters.value(),
                      {out.gradient(), weights.gradient(), filters.gradient()});
  });
  return out;
}

Variable covered_share(Tape& tape, const Variable& weights, const SourceMatrix& x, float largest,
                       std::span<const int> sentence) {
  const ArgumentCheck check("covered_share");
  check.shape("x", x.rows, ArgumentCheck::kAny, 1);
  check.pairing({x.sentences, sentence}, x.rows.rows());
  check.scores("weights", weights, {x.sentences, sentence});
  Variable out = tape.variable(tape.arena().zeros(weights.rows(), weights.columns()));
  const Pairing pairing = kept_pairing(tape, {x.sentences, sentence});
  add_covered(pairing, weights.value(), x.rows.value(), largest, out.value());
  tape.record([weights, x, largest, pairing, out] {
    if (!out.has_gradient()) return;
    covered_backward(pairing, weights.value(), x.rows.value(), largest,
                     {out.gradient(), weights.gradient(), x.rows.gradient()});
  });
  return out;
}

Variable gated_coverage(Tape& tape, const GatedCoverageTerms& terms, std::span<const int> sentence) {
  const SentenceRows& sentences = terms.positions.sentences;
  const ArgumentCheck check("gated_coverage");
  check.given("recurrent", terms.recurrent);
  const std::int64_t values = terms.recurrent.rows();
  check.shape("recurrent", terms.recurrent, values, 3 * values);
  check.shape("of_weight", terms.of_weight, 1, 3 * values);
  check.shape("positions", terms.positions.rows, ArgumentCheck::kAny, 3 * values);
  check.pairing({sentences, sentence}, terms.positions.rows.rows());
  check.shape("query", terms.query, static_cast<std::int64_t>(sentence.size()), 3 * values);
  check.scores("weights", terms.weights, {sentences, sentence});
  if (!terms.previous.empty()) {
    check.first_rows("previous", terms.previous, terms.query.rows(), sentences.longest * values);
  }
  const std::int64_t rows = terms.query.rows();
  const std::int64_t columns = sentences.longest * values;
  Variable out = tape.variable(tape.arena().zeros(rows, columns));
  GatedCoverageTerms kept = terms;
  if (kept.previous.empty()) kept.previous = tape.variable(tape.arena().zeros(rows, columns));
  const Tensor gates = tape.arena().tensor(rows, 3 * columns);
  const Pairing pairing = kept_pairing(tape, {sentences, sentence});
  const GatedCoverage in{kept.weights.value(),        kept.previous.value(),       kept.query.value(),
                         kept.positions.rows.value(), kept.of_weight.value().data, kept.recurrent.value()};
  gated_coverage(pairing, in, gates, out.value());
  tape.record([kept, pairing, in, gates, out] {
    if (!out.has_gradient()) return;
    gated_coverage_backward(
        pairing, in, gates,
        {out.gradient(), kept.weights.gradient(), kept.previous.gradient(), kept.query.gradient(),
         kept.positions.rows.gradient(), kept.of_weight.gradient().data, kept.recurrent.gradient()});
  });
  return out;
}

}  // namespace heed

#include "heed/metrics/accuracy.h"

#include <fmt/format.h>

#include <algorithm>

#include "counts.h"
#include "heed/base/utf8.h"
#include "segments.h"
#include "words.h"

namespace heed {
namespace {

/// The line without blanks at its ends, and with one for several.
std::string prepare(std::string_view line, const AccuracyOptions& options) {
  return join(split_words(options.lowercase ? utf8::lowercase(line) : std::string(line)), " ");
}

double share(const std::vector<double>& row) { return row[1] == 0 ? 1 : row[0] / row[1]; }

/// A row of token_accuracy().
std::vector<double> equal_places(const std::string& hypothesis, const std::string& reference) {
  const auto ours = split_words(hypothesis);
  const auto theirs = split_words(reference);
  double correct = 0;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) correct += ours[i] == theirs[i] ? 1 : 0;
  return {correct, static_cast<double>(std::max(ours.size(), theirs.size()))};
}

AccuracyScore score_of(const char* name, Sums sums, const std::string& references, const AccuracyOptions& options) {
  return {sums[1] == 0 ? 100 : 100 * sums[0] / sums[1], static_cast<long>(sums[0]), static_cast<long>(sums[1]),
          signature(name, references, fmt::format("case:{}", case_field(options.lowercase)))};
}

}  // namespace

// Rows: what is right, and all that there is.

SentenceCounts count_accuracy(const Texts& texts, const AccuracyOptions& options) {
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = 2, .references = segments.count};
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    const std::string hypothesis = prepare(texts.hypotheses[i], options);
    const auto equals = [&](std::string_view reference) { return hypothesis == prepare(reference, options); };
    const auto& lines = segments.references[i];
    counts.rows.insert(counts.rows.end(), {std::any_of(lines.begin(), lines.end(), equals) ? 1. : 0., 1.});
  }
  return counts;
}

AccuracyScore accuracy_of(Sums sums, const std::string& references, const AccuracyOptions& options) {
  return score_of("accuracy", sums, references, options);
}

SentenceCounts count_token_accuracy(const Texts& texts, const AccuracyOptions& options) {
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = 2, .references = segments.count};
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    const std::string hypothesis = prepare(texts.hypotheses[i], options);
    std::vector<double> best;  // the first of equals
    for (const std::string_view reference : segments.references[i]) {
      std::vector<double> row = equal_places(hypothesis, prepare(reference, options));
      if (best.empty() || share(row) > share(best)) best = std::move(row);
    }
    counts.rows.insert(counts.rows.end(), best.begin(), best.end());
  }
  return counts;
}

AccuracyScore token_accuracy_of(Sums sums, const std::string& references, const AccuracyOptions& options) {
  return score_of("token-accuracy", sums, references, options);
}

AccuracyScore accuracy(const Lines& hypotheses, const std::vector<Lines>& references, const AccuracyOptions& options) {
  const SentenceCounts counts = count_accuracy({hypotheses, references}, options);
  return accuracy_of(counts.sum(), counts.references, options);
}

AccuracyScore token_accuracy(const Lines& hypotheses, const std::vector<Lines>& references,
                             const AccuracyOptions& options) {
  const SentenceCounts counts = count_token_accuracy({hypotheses, references}, options);
  return token_accuracy_of(counts.sum(), counts.references, options);
}

}  // namespace heed

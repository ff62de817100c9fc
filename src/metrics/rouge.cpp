#include "heed/metrics/rouge.h"

#include <fmt/format.h>

#include <algorithm>

#include "bit_parallel.h"
#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

/// The line's words in lower case with one space between them; all that is neither letter nor digit divides words.
std::string prepare(std::string_view line) {
  std::string text = utf8::lowercase(line);
  std::string out;
  for (const std::string_view character : utf8::chars(text)) {
    const char32_t c = utf8::decode(character);
    out += utf8::is_letter_or_mark(c) || utf8::is_digit(c) ? character : " ";
  }
  return join(split_words(out), " ");
}

double f1(long common, long hypothesis, long reference) {
  if (common == 0) return 0;
  const double precision = static_cast<double>(common) / static_cast<double>(hypothesis);
  const double recall = static_cast<double>(common) / static_cast<double>(reference);
  return 2 * precision * recall / (precision + recall);
}

double rouge_n(const std::vector<std::string_view>& hypothesis, const std::vector<std::string_view>& reference,
               std::size_t n) {
  const long common = overlap(count_ngrams(hypothesis, n), count_ngrams(reference, n));
  return f1(common, ngrams_in(hypothesis.size(), n), ngrams_in(reference.size(), n));
}

}  // namespace

RougeScore rouge(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references) {
  const Segments segments = segments_of(hypotheses, references);
  RougeScore sum;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    WordIds ids;
    const ComparedWords words{"rouge", 200'000, i};
    const std::string text = prepare(hypotheses[i]);
    const auto hypothesis = words(split_words(text));
    const std::vector<int> hypothesis_ids = ids(hypothesis);
    RougeScore best;
    for (const std::string_view line : segments.references[i]) {
      const std::string reference_text = prepare(line);
      const auto reference = words(split_words(reference_text));
      const long common = common_subsequence(hypothesis_ids, ids(reference));
      best.rouge_1 = std::max(best.rouge_1, rouge_n(hypothesis, reference, 1));
      best.rouge_2 = std::max(best.rouge_2, rouge_n(hypothesis, reference, 2));
      best.rouge_l =
          std::max(best.rouge_l, f1(common, ngrams_in(hypothesis.size(), 1), ngrams_in(reference.size(), 1)));
    }
    sum.rouge_1 += best.rouge_1;
    sum.rouge_2 += best.rouge_2;
    sum.rouge_l += best.rouge_l;
  }
  const double percent = 100 / static_cast<double>(hypotheses.size());
  return {sum.rouge_1 * percent, sum.rouge_2 * percent, sum.rouge_l * percent,
          fmt::format("nrefs:{}|case:lc|stem:no|tok:letters|version:heed-{}", segments.count, kVersion)};
}

}  // namespace heed

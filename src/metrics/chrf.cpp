#include "heed/metrics/chrf.h"

#include <fmt/format.h>

#include <algorithm>

#include "counts.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "ngram_matches.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

// A row has for each order, those of characters before those of words, the n-grams of the hypothesis, of the reference,
// and of both.
constexpr std::size_t kPerOrder = 3;

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/// One mark at the end of a word is a word of its own, or else one before it (chrF++.py).
std::vector<std::string_view> punctuated_words(std::string_view line) {
  std::vector<std::string_view> out;
  for (const std::string_view word : split_words(line)) {
    const std::size_t length = word.size();
    if (utf8::char_length(word, 0) == length ||
        !(is_ascii_punctuation(word[length - 1]) || is_ascii_punctuation(word[0]))) {
      out.push_back(word);
      continue;
    }
    const std::size_t cut = is_ascii_punctuation(word[length - 1]) ? length - 1 : 1;
    out.push_back(word.substr(0, cut));
    out.push_back(word.substr(cut));
  }
  return out;
}

/// A line as numbers.
struct Units {
  std::vector<int> characters;
  std::vector<int> words;
};

class LineCounter {
 public:
  explicit LineCounter(const ChrfOptions& options)
      : options_(options),
        characters_(static_cast<std::size_t>(options.char_order)),
        words_(static_cast<std::size_t>(options.word_order)) {}

  void hypothesis(std::string_view line) {
    ids_ = {};
    hypothesis_ = units_of(line);
  }

  /// The row of the hypothesis beside this reference.
  std::vector<double> row(std::string_view line) {
    const Units reference = units_of(line);
    std::vector<double> out;
    append(out, characters_, hypothesis_.characters, reference.characters, options_.char_order);
    append(out, words_, hypothesis_.words, reference.words, options_.word_order);
    return out;
  }

 private:
  Units units_of(std::string_view line) {
    const std::string text = options_.lowercase ? utf8::lowercase(line) : std::string(line);
    Units out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = utf8::char_length(text, at);
      const char32_t c = utf8::decode(std::string_view(text).substr(at, length));
      if (options_.whitespace || !utf8::is_space(c)) out.characters.push_back(static_cast<int>(c));
      at += length;
    }
    if (options_.word_order > 0) out.words = ids_(punctuated_words(text));
    return out;
  }

  static void append(std::vector<double>& row, NgramMatches& matches, const std::vector<int>& hypothesis,
                     const std::vector<int>& reference, int orders) {
    std::vector<double> common(static_cast<std::size_t>(orders));
    matches.clear();
    matches.add_reference(reference);
    matches.count(hypothesis, common);
    for (std::size_t n = 1; n <= common.size(); ++n) {
      const double in_reference = ngrams_in(reference.size(), n);
      // Where the reference is too short to have any, those of the hypothesis are not held against it.
      row.insert(row.end(), {in_reference == 0 ? 0 : ngrams_in(hypothesis.size(), n), in_reference, common[n - 1]});
    }
  }

  const ChrfOptions& options_;
  NgramMatches characters_;
  NgramMatches words_;
  WordIds ids_;
  Units hypothesis_;
};

double f_score(double precision, double recall, double beta) {
  const double weight = beta * beta;
  const double denominator = weight * precision + recall;
  return denominator > 0 ? (1 + weight) * precision * recall / denominator : 0;
}

/// The F score of averaged precision and recall, over the orders that both sides have.
double effective_score(Sums counts, double beta) {
  double precision = 0;
  double recall = 0;
  int orders = 0;
  for (std::size_t i = 0; i < counts.size(); i += kPerOrder) {
    if (counts[i] == 0 || counts[i + 1] == 0) continue;
    precision += counts[i + 2] / counts[i];
    recall += counts[i + 2] / counts[i + 1];
    ++orders;
  }
  return orders == 0 ? 0 : 100 * f_score(precision / orders, recall / orders, beta);
}

/// The average of the F scores of all orders, missing ones having (next to) nothing.
double epsilon_score(Sums counts, double beta) {
  constexpr double kEpsilon = 1e-16;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); i += kPerOrder) {
    const double precision = counts[i] > 0 ? counts[i + 2] / counts[i] : kEpsilon;
    const double recall = counts[i + 1] > 0 ? counts[i + 2] / counts[i + 1] : kEpsilon;
    sum += f_score(precision, recall, beta);
  }
  return 100 * sum / (static_cast<double>(counts.size()) / static_cast<double>(kPerOrder));
}

double score_of(Sums counts, const ChrfOptions& options) {
  return options.epsilon_smoothing ? epsilon_score(counts, options.beta) : effective_score(counts, options.beta);
}

}  // namespace

SentenceCounts count_chrf(const Texts& texts, const ChrfOptions& options) {
  if (options.char_order < 1) throw UsageError(fmt::format("char_order is {}; it must be >= 1", options.char_order));
  if (options.word_order < 0) throw UsageError(fmt::format("word_order is {}; it must be >= 0", options.word_order));
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = kPerOrder * static_cast<std::size_t>(options.char_order + options.word_order),
                        .references = segments.count};
  counts.rows.reserve(texts.hypotheses.size() * counts.width);
  LineCounter counter(options);
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    counter.hypothesis(texts.hypotheses[i]);
    std::vector<double> best;  // the first of equals
    double best_score = -1;
    for (const std::string_view reference : segments.references[i]) {
      std::vector<double> row = counter.row(reference);
      const double score = score_of(row, options);
      if (score <= best_score) continue;
      best_score = score;
      best = std::move(row);
    }
    counts.rows.insert(counts.rows.end(), best.begin(), best.end());
  }
  return counts;
}

ChrfScore chrf_of(Sums sums, const std::string& references, const ChrfOptions& options) {
  const std::string name =
      fmt::format("chrF{}{}", options.beta, std::string(static_cast<std::size_t>(options.word_order), '+'));
  return {score_of(sums, options),
          signature(name, references,
                    fmt::format("case:{}|eff:{}|nc:{}|nw:{}|space:{}", case_field(options.lowercase),
                                yes_no(!options.epsilon_smoothing), options.char_order, options.word_order,
                                yes_no(options.whitespace)))};
}

ChrfScore chrf(const Lines& hypotheses, const std::vector<Lines>& references, const ChrfOptions& options) {
  const SentenceCounts counts = count_chrf({hypotheses, references}, options);
  return chrf_of(counts.sum(), counts.references, options);
}

}  // namespace heed

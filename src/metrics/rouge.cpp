#include "heed/metrics/rouge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bit_parallel.h"
#include "choices.h"
#include "counts.h"
#include "heed/base/unicode_categories.h"
#include "heed/base/utf8.h"
#include "ngram_matches.h"
#include "porter_stem.h"
#include "segments.h"
#include "words.h"

namespace heed {

namespace {

// A row: F1 of ROUGE-1, -2 and -L, and 1, for the mean.
constexpr std::size_t kFigures = 3;

struct RougeTokenizer {
  std::string name;
  bool (*in_word)(char32_t c);
};

bool is_letter_or_digit(char32_t c) { return (utf8::is_letter_or_mark(c) && !utf8::is_format(c)) || utf8::is_digit(c); }

bool is_ascii_letter_or_digit(char32_t c) { return c < 0x80 && is_letter_or_digit(c); }

const std::vector<RougeTokenizer>& tokenizers() {
  static const std::vector<RougeTokenizer> all = {{"letters", is_letter_or_digit},
                                                  {"rouge-score", is_ascii_letter_or_digit}};
  return all;
}

/// The line's words in lower case with one space between them; all that is in no word divides words.
std::string prepare(std::string_view line, const RougeTokenizer& tokenizer, bool stem) {
  const std::string text = utf8::lowercase(line);
  std::string out;
  for (const std::string_view character : utf8::chars(text))
    out += tokenizer.in_word(utf8::decode(character)) ? character : " ";
  if (!stem) return out;
  std::string stems;
  for (const std::string_view word : split_words(out)) {
    constexpr std::size_t kLongestUnstemmed = 3;
    const bool ascii =
        std::all_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    stems += ascii && word.size() > kLongestUnstemmed ? porter_stem(std::string(word)) : std::string(word);
    stems += ' ';
  }
  return stems;
}

double f1(double common, double hypothesis, double reference) {
  if (common == 0) return 0;
  const double precision = common / hypothesis;
  const double recall = common / reference;
  return 2 * precision * recall / (precision + recall);
}

std::array<double, kFigures> figures_of(const std::vector<int>& hypothesis, const std::vector<int>& reference,
                                        NgramMatches& matches) {
  std::array<double, 2> common{};
  matches.clear();
  matches.add_reference(reference);
  matches.count(hypothesis, common);
  std::array<double, kFigures> out{};
  for (std::size_t n = 1; n <= common.size(); ++n)
    out[n - 1] = f1(common[n - 1], ngrams_in(hypothesis.size(), n), ngrams_in(reference.size(), n));
  out[2] = f1(static_cast<double>(common_subsequence(hypothesis, reference)), ngrams_in(hypothesis.size(), 1),
              ngrams_in(reference.size(), 1));
  return out;
}

}  // namespace

const std::vector<std::string>& rouge_tokenizers() {
  static const std::vector<std::string> all = names_of(tokenizers());
  return all;
}

SentenceCounts count_rouge(const Texts& texts, const RougeOptions& options) {
  const RougeTokenizer& tokenizer = chosen("rouge tokenize", options.tokenize, tokenizers());
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = kFigures + 1, .references = segments.count};
  NgramMatches matches(2);
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](std::string_view line) {
      const std::string text = prepare(line, tokenizer, options.stem);
      return ids(ComparedWords{"rouge", 200'000, texts.before + i}(split_words(text)));
    };
    const std::vector<int> hypothesis = words(texts.hypotheses[i]);
    std::array<double, kFigures> best{};
    for (const std::string_view line : segments.references[i]) {
      const std::array<double, kFigures> figures = figures_of(hypothesis, words(line), matches);
      for (std::size_t n = 0; n < kFigures; ++n) best[n] = std::max(best[n], figures[n]);
    }
    counts.rows.insert(counts.rows.end(), best.begin(), best.end());
    counts.rows.push_back(1);
  }
  return counts;
}

RougeScore rouge_of(Sums sums, const std::string& references, const RougeOptions& options) {
  const double percent = 100 / sums[kFigures];
  return {
      sums[0] * percent, sums[1] * percent, sums[2] * percent,
      signature("ROUGE", references, fmt::format("case:lc|stem:{}|tok:{}", yes_no(options.stem), options.tokenize))};
}

RougeScore rouge(const Lines& hypotheses, const std::vector<Lines>& references, const RougeOptions& options) {
  const SentenceCounts counts = count_rouge({hypotheses, references}, options);
  return rouge_of(counts.sum(), counts.references, options);
}

}  // namespace heed

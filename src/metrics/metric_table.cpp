#include "metric_table.h"

#include <fmt/format.h>

#include "counts.h"

namespace heed {

namespace {

BleuOptions bleu_options(const MetricOptions& options) {
  return {.tokenize = options.tokenize,
          .lowercase = options.lowercase,
          .smooth = options.smooth,
          .smooth_value = options.smooth_value,
          .effective_order = options.effective_order};
}

MetricValue bleu_value(Sums sums, const std::string& references, const MetricOptions& options) {
  const BleuScore s = bleu_of(sums, references, bleu_options(options));
  MetricValue value{"", s.score, s.signature, {}};
  for (std::size_t n = 0; n < s.precisions.size(); ++n)
    value.details.emplace_back(fmt::format("precision-{}", n + 1), s.precisions[n]);
  value.details.emplace_back("brevity-penalty", s.brevity_penalty);
  value.details.emplace_back("hypothesis-length", static_cast<double>(s.hypothesis_length));
  value.details.emplace_back("reference-length", static_cast<double>(s.reference_length));
  return value;
}

template <int word_order>
ChrfOptions chrf_options(const MetricOptions& options) {
  ChrfOptions out;
  out.word_order = word_order;
  out.lowercase = options.lowercase;
  return out;
}

template <int word_order>
Metric chrf_metric(const MetricInfo& info, const std::vector<std::string>& aliases) {
  return {.info = info,
          .aliases = aliases,
          .count = [](const Texts& texts,
                      const MetricOptions& options) { return count_chrf(texts, chrf_options<word_order>(options)); },
          .value =
              [](Sums sums, const std::string& references, const MetricOptions& options) {
                const ChrfScore s = chrf_of(sums, references, chrf_options<word_order>(options));
                return MetricValue{"", s.score, s.signature, {}};
              }};
}

RougeOptions rouge_options(const MetricOptions& options) {
  return {.tokenize = options.rouge_tokenize, .stem = options.rouge_stemmer};
}

TerOptions ter_options(const MetricOptions& options) {
  return {.case_sensitive = options.ter_case_sensitive,
          .normalized = options.ter_normalized,
          .no_punct = options.ter_no_punct,
          .asian_support = options.ter_asian_support};
}

SentenceCounts rouge_counts(const Texts& texts, const MetricOptions& options) {
  return count_rouge(texts, rouge_options(options));
}

MetricValue rouge_value(Sums sums, const std::string& references, const MetricOptions& options) {
  const RougeScore s = rouge_of(sums, references, rouge_options(options));
  return {"", s.rouge_l, s.signature, {{"rouge-1", s.rouge_1}, {"rouge-2", s.rouge_2}, {"rouge-l", s.rouge_l}}};
}

/// One figure of ROUGE, under the name that rouge_score gives it.
template <double RougeScore::*figure>
Metric rouge_metric(const char* name, const char* title, const char* description) {
  return {.info = {name, title, description, "Lin 2004", true, {"rouge-tokenize", "rouge-stemmer"}},
          .count = rouge_counts,
          .value = [](Sums sums, const std::string& references, const MetricOptions& options) {
            const RougeScore s = rouge_of(sums, references, rouge_options(options));
            return MetricValue{"", s.*figure, s.signature, {}};
          }};
}

template <typename Options>
Options cased(const MetricOptions& options) {
  return {.lowercase = options.lowercase};
}

template <SentenceCounts (*count)(const Texts&, const WerOptions&)>
SentenceCounts errors(const Texts& texts, const MetricOptions& options) {
  return count(texts, cased<WerOptions>(options));
}

MetricValue rate(const WerScore& s, const char* units) {
  return {"",
          s.score,
          s.signature,
          {{"errors", static_cast<double>(s.errors)}, {units, static_cast<double>(s.reference_words)}}};
}

MetricValue wer_value(Sums sums, const std::string& references, const MetricOptions& options) {
  return rate(wer_of(sums, references, cased<WerOptions>(options)), "reference-words");
}

MetricValue per_value(Sums sums, const std::string& references, const MetricOptions& options) {
  MetricValue value = rate(wer_of(sums, references, cased<WerOptions>(options)), "reference-phonemes");
  value.signature.front() = 'P';  // of "WER|..."
  return value;
}

MetricValue cer_value(Sums sums, const std::string& references, const MetricOptions& options) {
  return rate(cer_of(sums, references, cased<WerOptions>(options)), "reference-characters");
}

MetricValue edit_distance_value(Sums sums, const std::string& references, const MetricOptions& options) {
  const EditDistanceScore s = edit_distance_of(sums, references, cased<WerOptions>(options));
  return {"", s.score, s.signature, {{"edits", static_cast<double>(s.edits)}, {"lines", static_cast<double>(s.lines)}}};
}

template <SentenceCounts (*count)(const Texts&, const AccuracyOptions&)>
SentenceCounts right(const Texts& texts, const MetricOptions& options) {
  return count(texts, cased<AccuracyOptions>(options));
}

MetricValue share(const AccuracyScore& s, const char* units) {
  return {"", s.score, s.signature, {{"correct", static_cast<double>(s.correct)}, {units, static_cast<double>(s.all)}}};
}

MetricValue accuracy_value(Sums sums, const std::string& references, const MetricOptions& options) {
  return share(accuracy_of(sums, references, cased<AccuracyOptions>(options)), "lines");
}

MetricValue token_accuracy_value(Sums sums, const std::string& references, const MetricOptions& options) {
  return share(token_accuracy_of(sums, references, cased<AccuracyOptions>(options)), "tokens");
}

constexpr bool kHigher = true, kLower = false;  // is better

/// N-grams and edits, as sacreBLEU and rouge_score have them.
std::vector<Metric> metrics_of_translation() {
  return {
      {.info = {"bleu",
                "BLEU",
                "n-gram precision with a brevity penalty, figures equal to sacreBLEU's",
                "Papineni et al. 2002; Post 2018",
                kHigher,
                {"tokenize", "lowercase", "smooth", "smooth-value", "effective-order"}},
       .aliases = {"sacrebleu"},
       .count = [](const Texts& texts,
                   const MetricOptions& options) { return count_bleu(texts, bleu_options(options)); },
       .value = bleu_value},
      chrf_metric<0>({"chrf",
                      "chrF",
                      "F score of character n-grams (chrF2), figures equal to sacreBLEU's",
                      "Popovic 2015",
                      kHigher,
                      {"lowercase"}},
                     {"chrf2"}),
      chrf_metric<2>({"chrf++",
                      "chrF++",
                      "the same with words and pairs of words, figures equal to sacreBLEU's",
                      "Popovic 2017",
                      kHigher,
                      {"lowercase"}},
                     {"chrf2++"}),
      {.info = {"ter",
                "TER",
                "edits and shifts of blocks per reference word, figures equal to sacreBLEU's",
                "Snover et al. 2006",
                kLower,
                {"ter-case-sensitive", "ter-normalized", "ter-no-punct", "ter-asian-support"}},
       .aliases = {},
       .count = [](const Texts& texts, const MetricOptions& options) { return count_ter(texts, ter_options(options)); },
       .value =
           [](Sums sums, const std::string& references, const MetricOptions& options) {
             const TerScore s = ter_of(sums, references, ter_options(options));
             return MetricValue{"",
                                s.score,
                                s.signature,
                                {{"edits", static_cast<double>(s.edits)}, {"reference-length", s.reference_length}}};
           }},
      {.info = {"rouge",
                "ROUGE-L",
                "F1 of common words, pairs and subsequences (ROUGE-1, -2, -L; the value is -L); rouge_score's figures "
                "where text is ASCII, words of all scripts elsewhere, unless rouge-tokenize says otherwise",
                "Lin 2004",
                kHigher,
                {"rouge-tokenize", "rouge-stemmer"}},
       .aliases = {},
       .count = rouge_counts,
       .value = rouge_value},
      rouge_metric<&RougeScore::rouge_1>("rouge1", "ROUGE-1", "of rouge that of words"),
      rouge_metric<&RougeScore::rouge_2>("rouge2", "ROUGE-2", "of rouge that of pairs"),
      rouge_metric<&RougeScore::rouge_l>("rougeL", "ROUGE-L", "of rouge that of subsequences"),
  };
}

/// Words, characters and whole lines.
std::vector<Metric> metrics_of_lines() {
  return {
      {.info = {"wer",
                "WER",
                "edits per reference word, figures equal to jiwer's",
                "Levenshtein 1966",
                kLower,
                {"lowercase"}},
       .aliases = {},
       .count = errors<count_wer>,
       .value = wer_value},
      {.info = {"per",
                "PER",
                "edits per reference phoneme, or other token between spaces; the WER of that field is 100 - accuracy",
                "Yao and Zweig 2015",
                kLower,
                {"lowercase"}},
       .aliases = {},
       .count = errors<count_wer>,
       .value = per_value},
      {.info = {"cer",
                "CER",
                "edits per reference character, blanks between words included, figures equal to jiwer's",
                "Levenshtein 1966",
                kLower,
                {"lowercase"}},
       .aliases = {},
       .count = errors<count_cer>,
       .value = cer_value},
      {.info = {"edit-distance",
                "edit distance",
                "edits of characters in a line, the mean: no percentage",
                "Cotterell et al. 2016",
                kLower,
                {"lowercase"}},
       .aliases = {"levenshtein"},
       .count = errors<count_edits>,
       .value = edit_distance_value},
      {.info =
           {"accuracy", "accuracy", "lines that are right as a whole", "Cotterell et al. 2017", kHigher, {"lowercase"}},
       .aliases = {},
       .count = right<count_accuracy>,
       .value = accuracy_value},
      {.info = {"token-accuracy", "token accuracy", "tokens that are right at their place", "", kHigher, {"lowercase"}},
       .aliases = {},
       .count = right<count_token_accuracy>,
       .value = token_accuracy_value},
      {.info = {kPerplexity, kPerplexity, "of the target's tokens, from the log-probabilities of `heed score`",
                "Jelinek et al. 1977", kLower},
       .aliases = {"ppl"},
       .of = "log-probabilities"},
      {.info = {"aer", "AER", "error rate of alignments, by sure and possible links", "Och and Ney 2003", kLower},
       .aliases = {},
       .of = "alignments"},
  };
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = [] {
    std::vector<Metric> out = metrics_of_translation();
    for (Metric& metric : metrics_of_lines()) out.push_back(std::move(metric));
    return out;
  }();
  return all;
}

}  // namespace heed

#include "metric_table.h"

#include <fmt/format.h>

#include <array>

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
SentenceCounts chrf_counts(const Texts& texts, const MetricOptions& options) {
  return count_chrf(texts, chrf_options<word_order>(options));
}

template <int word_order>
MetricValue chrf_value(Sums sums, const std::string& references, const MetricOptions& options) {
  const ChrfScore s = chrf_of(sums, references, chrf_options<word_order>(options));
  return {"", s.score, s.signature, {}};
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
MetricValue rouge_figure(Sums sums, const std::string& references, const MetricOptions& options) {
  const RougeScore s = rouge_of(sums, references, rouge_options(options));
  return {"", s.*figure, s.signature, {}};
}

SentenceCounts bleu_counts(const Texts& texts, const MetricOptions& options) {
  return count_bleu(texts, bleu_options(options));
}

SentenceCounts ter_counts(const Texts& texts, const MetricOptions& options) {
  return count_ter(texts, ter_options(options));
}

MetricValue ter_value(Sums sums, const std::string& references, const MetricOptions& options) {
  const TerScore s = ter_of(sums, references, ter_options(options));
  return {
      "", s.score, s.signature, {{"edits", static_cast<double>(s.edits)}, {"reference-length", s.reference_length}}};
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

SentenceCounts alignment_counts(const Texts& texts, const MetricOptions&) { return count_alignments(texts, {}); }

MetricValue aer_value(Sums sums, const std::string&, const MetricOptions&) {
  const AerScore s = alignments_of(sums);
  return {"", s.score, "", {{"precision", s.precision}, {"recall", s.recall}, {"f1", s.f1}}};
}

MetricValue content_aer_value(Sums sums, const std::string&, const MetricOptions&) {
  const AerScore s = alignments_of(sums);
  return {"", s.content, "", {{"precision", s.content_precision}, {"recall", s.recall}}};
}

MetricValue hit_value(Sums sums, const std::string&, const MetricOptions&) {
  return {"", alignments_of(sums).hit, "", {}};
}

constexpr bool kHigher = true, kLower = false;  // is better

/// A Metric of what needs no destructor: GCC 12 frees parts of braced strings and vectors twice when memory gives out
/// in the middle of them.
struct Row {
  const char* name;
  const char* title;
  const char* description;
  const char* paper;
  bool higher_is_better;
  std::array<const char*, 5> reads = {};
  const char* alias = nullptr;
  decltype(Metric::count) count = nullptr;
  decltype(Metric::value) value = nullptr;
  const char* of = "";
};

/// N-grams and edits, as sacreBLEU and rouge_score have them.
constexpr Row kOfTranslation[] = {
    {"bleu",
     "BLEU",
     "n-gram precision with a brevity penalty, figures equal to sacreBLEU's",
     "Papineni et al. 2002; Post 2018",
     kHigher,
     {"tokenize", "lowercase", "smooth", "smooth-value", "effective-order"},
     "sacrebleu",
     bleu_counts,
     bleu_value},
    {"chrf",
     "chrF",
     "F score of character n-grams (chrF2), figures equal to sacreBLEU's",
     "Popovic 2015",
     kHigher,
     {"lowercase"},
     "chrf2",
     chrf_counts<0>,
     chrf_value<0>},
    {"chrf++",
     "chrF++",
     "the same with words and pairs of words, figures equal to sacreBLEU's",
     "Popovic 2017",
     kHigher,
     {"lowercase"},
     "chrf2++",
     chrf_counts<2>,
     chrf_value<2>},
    {"ter",
     "TER",
     "edits and shifts of blocks per reference word, figures equal to sacreBLEU's",
     "Snover et al. 2006",
     kLower,
     {"ter-case-sensitive", "ter-normalized", "ter-no-punct", "ter-asian-support"},
     nullptr,
     ter_counts,
     ter_value},
    {"rouge",
     "ROUGE-L",
     "F1 of common words, pairs and subsequences (ROUGE-1, -2, -L; the value is -L); rouge_score's figures where text "
     "is ASCII, words of all scripts elsewhere, unless rouge-tokenize says otherwise",
     "Lin 2004",
     kHigher,
     {"rouge-tokenize", "rouge-stemmer"},
     nullptr,
     rouge_counts,
     rouge_value},
    {"rouge1",
     "ROUGE-1",
     "of rouge that of words",
     "Lin 2004",
     kHigher,
     {"rouge-tokenize", "rouge-stemmer"},
     nullptr,
     rouge_counts,
     rouge_figure<&RougeScore::rouge_1>},
    {"rouge2",
     "ROUGE-2",
     "of rouge that of pairs",
     "Lin 2004",
     kHigher,
     {"rouge-tokenize", "rouge-stemmer"},
     nullptr,
     rouge_counts,
     rouge_figure<&RougeScore::rouge_2>},
    {"rougeL",
     "ROUGE-L",
     "of rouge that of subsequences",
     "Lin 2004",
     kHigher,
     {"rouge-tokenize", "rouge-stemmer"},
     nullptr,
     rouge_counts,
     rouge_figure<&RougeScore::rouge_l>},
};

/// Words, characters and whole lines.
constexpr Row kOfLines[] = {
    {"wer",
     "WER",
     "edits per reference word, figures equal to jiwer's",
     "Levenshtein 1966",
     kLower,
     {"lowercase"},
     nullptr,
     errors<count_wer>,
     wer_value},
    {"per",
     "PER",
     "edits per reference phoneme, or other token between spaces; the WER of that field is 100 - accuracy",
     "Yao and Zweig 2015",
     kLower,
     {"lowercase"},
     nullptr,
     errors<count_wer>,
     per_value},
    {"cer",
     "CER",
     "edits per reference character, blanks between words included, figures equal to jiwer's",
     "Levenshtein 1966",
     kLower,
     {"lowercase"},
     nullptr,
     errors<count_cer>,
     cer_value},
    {"edit-distance",
     "edit distance",
     "edits of characters in a line, the mean: no percentage",
     "Cotterell et al. 2016",
     kLower,
     {"lowercase"},
     "levenshtein",
     errors<count_edits>,
     edit_distance_value},
    {"accuracy",
     "accuracy",
     "lines that are right as a whole",
     "Cotterell et al. 2017",
     kHigher,
     {"lowercase"},
     nullptr,
     right<count_accuracy>,
     accuracy_value},
    {"token-accuracy",
     "token accuracy",
     "tokens that are right at their place",
     "",
     kHigher,
     {"lowercase"},
     nullptr,
     right<count_token_accuracy>,
     token_accuracy_value},
    {.name = kPerplexity,
     .title = kPerplexity,
     .description = "of the target's tokens, from the log-probabilities of `heed score`",
     .paper = "Jelinek et al. 1977",
     .higher_is_better = kLower,
     .alias = "ppl",
     .of = "log-probabilities"},
};

/// Links between words.
constexpr Row kOfAlignments[] = {
    {.name = "aer",
     .title = "AER",
     .description = "error rate of alignments, by sure and possible links",
     .paper = "Och and Ney 2003",
     .higher_is_better = kLower,
     .count = alignment_counts,
     .value = aer_value,
     .of = kAlignments},
    {.name = "content-aer",
     .title = "content AER",
     .description = "the same of content words: links of source words that have no gold link do not count",
     .paper = "",
     .higher_is_better = kLower,
     .count = alignment_counts,
     .value = content_aer_value,
     .of = kAlignments},
    {.name = "alignment-hit",
     .title = "alignment hit",
     .description = "source words with a sure link that are aligned by one of theirs",
     .paper = "",
     .higher_is_better = kHigher,
     .count = alignment_counts,
     .value = hit_value,
     .of = kAlignments},
};

void add(std::span<const Row> rows, std::vector<Metric>& out) {
  for (const Row& row : rows) {
    Metric& metric = out.emplace_back();
    metric.info.name = row.name;
    metric.info.title = row.title;
    metric.info.description = row.description;
    metric.info.paper = row.paper;
    metric.info.higher_is_better = row.higher_is_better;
    for (const char* option : row.reads) {
      if (option != nullptr) metric.info.reads.emplace_back(option);
    }
    if (row.alias != nullptr) metric.aliases.emplace_back(row.alias);
    metric.of = row.of;
    metric.count = row.count;
    metric.value = row.value;
  }
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = [] {
    std::vector<Metric> out;
    add(kOfTranslation, out);
    add(kOfLines, out);
    add(kOfAlignments, out);
    return out;
  }();
  return all;
}

}  // namespace heed

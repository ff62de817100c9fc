#include "heed/metrics/registry.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/metrics/accuracy.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/chrf.h"
#include "heed/metrics/rouge.h"
#include "heed/metrics/ter.h"
#include "heed/metrics/wer.h"

namespace heed {

namespace {

using Lines = std::vector<std::string>;
using Evaluate = MetricValue (*)(const Lines&, const std::vector<Lines>&, const MetricOptions&);

MetricValue evaluate_bleu(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions& options) {
  const BleuScore s = bleu(hypotheses, references,
                           {.tokenize = options.tokenize,
                            .lowercase = options.lowercase,
                            .smooth = options.smooth,
                            .effective_order = options.effective_order});
  MetricValue value{"bleu", s.score, s.signature, {}};
  for (std::size_t n = 0; n < s.precisions.size(); ++n) {
    value.details.emplace_back(fmt::format("precision-{}", n + 1), s.precisions[n]);
  }
  value.details.emplace_back("brevity-penalty", s.brevity_penalty);
  value.details.emplace_back("hypothesis-length", static_cast<double>(s.hypothesis_length));
  value.details.emplace_back("reference-length", static_cast<double>(s.reference_length));
  return value;
}

MetricValue evaluate_chrf(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions& options) {
  ChrfOptions chrf_options;
  chrf_options.lowercase = options.lowercase;
  const ChrfScore s = chrf(hypotheses, references, chrf_options);
  return {"chrf", s.score, s.signature, {}};
}

MetricValue evaluate_ter(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions&) {
  const TerScore s = ter(hypotheses, references);
  return {
      "ter", s.score, s.signature, {{"edits", static_cast<double>(s.edits)}, {"reference-length", s.reference_length}}};
}

MetricValue evaluate_rouge(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions&) {
  const RougeScore s = rouge(hypotheses, references);
  return {"rouge", s.rouge_l, s.signature, {{"rouge-1", s.rouge_1}, {"rouge-2", s.rouge_2}, {"rouge-l", s.rouge_l}}};
}

MetricValue error_rate(const std::string& name, const WerScore& s, const char* units) {
  return {name,
          s.score,
          s.signature,
          {{"errors", static_cast<double>(s.errors)}, {units, static_cast<double>(s.reference_words)}}};
}

MetricValue evaluate_wer(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions& options) {
  return error_rate("wer", wer(hypotheses, references, {.lowercase = options.lowercase}), "reference-words");
}

MetricValue evaluate_per(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions& options) {
  return error_rate("per", wer(hypotheses, references, {.lowercase = options.lowercase}), "reference-phonemes");
}

MetricValue evaluate_cer(const Lines& hypotheses, const std::vector<Lines>& references, const MetricOptions& options) {
  return error_rate("cer", cer(hypotheses, references, {.lowercase = options.lowercase}), "reference-characters");
}

MetricValue evaluate_accuracy(const Lines& hypotheses, const std::vector<Lines>& references,
                              const MetricOptions& options) {
  const AccuracyScore s = accuracy(hypotheses, references, {.lowercase = options.lowercase});
  return {"accuracy",
          s.score,
          s.signature,
          {{"correct", static_cast<double>(s.correct)}, {"lines", static_cast<double>(s.lines)}}};
}

struct Metric {
  MetricInfo info;
  Evaluate evaluate;  // null: not a metric of texts
};

constexpr bool kHigher = true, kLower = false;  // is better

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = {
      {{"bleu",
        "BLEU",
        "n-gram precision with a brevity penalty, figures equal to sacreBLEU's",
        "Papineni et al. 2002; Post 2018",
        kHigher,
        {"tokenize", "lowercase"}},
       evaluate_bleu},
      {{"chrf",
        "chrF",
        "F score of character n-grams (chrF2), figures equal to sacreBLEU's",
        "Popovic 2015",
        kHigher,
        {"lowercase"}},
       evaluate_chrf},
      {{"ter", "TER", "edits and shifts of blocks per reference word, figures equal to sacreBLEU's",
        "Snover et al. 2006", kLower},
       evaluate_ter},
      {{"rouge", "ROUGE-L", "F1 of common words, pairs and subsequences (ROUGE-1, -2, -L; the value is -L)", "Lin 2004",
        kHigher},
       evaluate_rouge},
      {{"wer", "WER", "edits per reference word", "Levenshtein 1966", kLower, {"lowercase"}}, evaluate_wer},
      {{"per",
        "PER",
        "edits per reference phoneme, or other token between spaces; the WER of that field is 100 - accuracy",
        "Yao and Zweig 2015",
        kLower,
        {"lowercase"}},
       evaluate_per},
      {{"cer",
        "CER",
        "edits per reference character, blanks between words included",
        "Levenshtein 1966",
        kLower,
        {"lowercase"}},
       evaluate_cer},
      {{"accuracy", "accuracy", "lines that are right as a whole", "Cotterell et al. 2017", kHigher, {"lowercase"}},
       evaluate_accuracy},
      {{"aer", "AER", "error rate of alignments, by sure and possible links", "Och and Ney 2003", kLower}, nullptr},
  };
  return all;
}

const Metric& find(const std::string& name) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics()) {
    if (metric.info.name == name) return metric;
    names.push_back(metric.info.name);
  }
  throw UsageError(
      fmt::format("unknown metric '{}'; known are {}{}", name, fmt::join(names, ", "), did_you_mean(name, names)));
}

}  // namespace

const std::vector<MetricInfo>& metric_table() {
  static const std::vector<MetricInfo> table = [] {
    std::vector<MetricInfo> rows;
    for (const Metric& metric : metrics()) {
      rows.push_back(metric.info);
      rows.back().description += metric.info.higher_is_better ? "; higher is better" : "; lower is better";
    }
    return rows;
  }();
  return table;
}

const MetricInfo& find_metric(const std::string& name) { return find(name).info; }

std::string title_of(const std::string& name) { return name == kPerplexity ? name : find(name).info.title; }

std::vector<std::string> text_metrics() {
  std::vector<std::string> out;
  for (const Metric& metric : metrics()) {
    if (metric.evaluate != nullptr) out.push_back(metric.info.name);
  }
  return out;
}

MetricValue evaluate_metric(const std::string& name, const std::vector<std::string>& hypotheses,
                            const std::vector<std::vector<std::string>>& references, const MetricOptions& options) {
  const Metric& metric = find(name);
  if (metric.evaluate == nullptr) throw UsageError(fmt::format("metric '{}' compares alignments, not texts", name));
  return metric.evaluate(hypotheses, references, options);
}

}  // namespace heed

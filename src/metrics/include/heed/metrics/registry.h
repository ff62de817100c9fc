#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// A row of `heed list metrics`.
struct MetricInfo {
  std::string name;
  std::string title;  ///< as logs and charts write it: "BLEU"
  std::string description;
  std::string paper;
  bool higher_is_better = true;
  std::vector<std::string> reads = {};  ///< what it reads of MetricOptions, by the names of `heed evaluate`'s flags
};

/// All metrics, in the order in which they are listed.
const std::vector<MetricInfo>& metric_table();

/// The row of a metric, whose name may be written in any case, and as other programs write it: "BLEU", "rougeL",
/// "rouge-1", "chrF2++". Throws UsageError, with the nearest name, for an unknown one.
const MetricInfo& find_metric(const std::string& name);
/// What validation computes beside the metrics of texts.
inline constexpr const char* kPerplexity = "perplexity";
/// What people read: "BLEU", "chrF"; of perplexity its name.
std::string title_of(const std::string& name);

/// The metrics that compare texts.
std::vector<std::string> text_metrics();
/// The metrics that compare alignments (see aer.h).
std::vector<std::string> alignment_metrics();

struct MetricOptions {
  bool lowercase = false;                   ///< ignore case (rouge always does, ter unless it is case-sensitive)
  std::string tokenize = "13a";             ///< bleu: "13a", "none" if the text is tokenised, "char", "intl" or "zh"
  std::string smooth = "exp";               ///< bleu: "exp", "floor", "add-k" or "none"
  std::optional<double> smooth_value = {};  ///< bleu: of "floor" (0.1 if not given) and "add-k" (1)
  bool effective_order = false;             ///< bleu: for single sentences
  bool ter_case_sensitive = false;          ///< ter: these four as in sacreBLEU
  bool ter_normalized = false;
  bool ter_no_punct = false;
  bool ter_asian_support = false;
  std::string rouge_tokenize = "letters";  ///< rouge: "letters" of all scripts make words, or "rouge-score": a-z, 0-9
  bool rouge_stemmer = false;              ///< rouge: words are cut to their stems by Porter's algorithm
};

struct MetricValue {
  std::string name;  ///< as in metric_table()
  double value = 0;  ///< percent, but for edit-distance; for rouge ROUGE-L
  std::string signature;
  std::vector<std::pair<std::string, double>> details;  ///< figures behind the value: precisions, rouge-1, counts
};

/// Evaluates one of text_metrics(). Throws UsageError, with the nearest name, for an unknown one, and for others.
MetricValue evaluate_metric(const std::string& name, const std::vector<std::string>& hypotheses,
                            const std::vector<std::vector<std::string>>& references, const MetricOptions& options = {});

}  // namespace heed

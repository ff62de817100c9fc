#pragma once
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
  std::vector<std::string> reads = {};  ///< the fields of MetricOptions that it reads
};

/// All metrics, in the order in which they are listed.
const std::vector<MetricInfo>& metric_table();

/// The row of a metric. Throws UsageError, with the nearest name, for an unknown one.
const MetricInfo& find_metric(const std::string& name);
/// What validation computes beside the metrics of texts.
inline constexpr const char* kPerplexity = "perplexity";
/// What people read: "BLEU", "chrF"; of perplexity its name.
std::string title_of(const std::string& name);

/// The metrics that compare texts: all but "aer", which compares alignments (see aer.h).
std::vector<std::string> text_metrics();

struct MetricOptions {
  bool lowercase = false;        ///< ignore case (ter and rouge always do)
  std::string tokenize = "13a";  ///< bleu: "13a", or "none" if the text is tokenised
  std::string smooth = "exp";    ///< bleu: "exp" or "none"
  bool effective_order = false;  ///< bleu: for single sentences
};

struct MetricValue {
  std::string name;
  double value = 0;  ///< percent; for rouge ROUGE-L
  std::string signature;
  std::vector<std::pair<std::string, double>> details;  ///< figures behind the value: precisions, rouge-1, counts
};

/// Evaluates one of text_metrics(). Throws UsageError, with the nearest name, for an unknown one, and for "aer".
MetricValue evaluate_metric(const std::string& name, const std::vector<std::string>& hypotheses,
                            const std::vector<std::vector<std::string>>& references, const MetricOptions& options = {});

}  // namespace heed

#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/translate/translator.h"
#include "heed/view/report.h"

namespace heed::app {

/// The sentences that a report tries its models on.
struct TrialSet {
  std::vector<std::string> sources;
  std::vector<std::string> references;
  std::vector<FeatureValues> features;                    ///< of each source
  std::vector<std::vector<std::string>> more_references;  ///< [r][sentence]
  std::vector<int> lengths;                               ///< of the sources, in `unit`
  std::string unit;  ///< "words" between spaces; "characters" where most lines are one word
};

TrialSet make_trial_set(std::vector<std::string> sources, std::vector<std::string> references);

/// Scores by length, entropy, coverage, and the sentences that went wrong. `translated[i]` is of sentence i of the set;
/// the note is left to the caller.
ReportQuality judge(const Bundle& bundle, const TrialSet& set, std::span<const Translated> translated);

}  // namespace heed::app

#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct BleuOptions {
  /// As sacreBLEU has them: "13a" (mteval-v13a, its default), "none" (text is tokenised), "char" (characters), "intl"
  /// (mteval-v14, punctuation and symbols of all Unicode) or "zh" (Chinese: ideographs alone, the rest as 13a)
  std::string tokenize = "13a";
  bool lowercase = false;
  /// Chen and Cherry 2014: "exp" (method 3, sacreBLEU's default), "floor" (method 1), "add-k" (method 2) or "none"
  std::string smooth = "exp";
  std::optional<double> smooth_value = {};  ///< of "floor" (0.1 if not given) and "add-k" (1), above 0
  /// The mean is over the orders that the hypotheses have n-grams of, as sacreBLEU has it for single sentences: without
  /// it one of three words has no score, even where it is the reference.
  bool effective_order = false;
};

/// The values of BleuOptions::tokenize, and of BleuOptions::smooth.
const std::vector<std::string>& bleu_tokenizers();
const std::vector<std::string>& bleu_smoothings();
/// Whether a method of smoothing reads BleuOptions::smooth_value.
bool has_smooth_value(const std::string& smooth);

struct BleuScore {
  double score = 0;                    ///< percent
  std::array<double, 4> precisions{};  ///< percent
  double brevity_penalty = 0;
  long hypothesis_length = 0;
  long reference_length = 0;
  std::string signature;  ///< as sacreBLEU prints it: "BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:..."
};

/// Corpus BLEU (Papineni et al. 2002), figures equal to sacreBLEU's (Post 2018). `references[r][i]` is reference r of
/// sentence i; kNoReference (references.h) stands for one that it lacks.
///   BLEU = BP exp(mean over n = 1..4 of log p_n),  BP = min(1, exp(1 - reference length / hypothesis length))
/// with the closest reference's length. Throws Error if the counts of sentences differ, UsageError for an option's
/// value that there is not.
BleuScore bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
               const BleuOptions& options = {});

/// The tokens of a line as mteval-v13a.pl cuts them, joined by one space.
std::string tokenize_13a(const std::string& line);

}  // namespace heed

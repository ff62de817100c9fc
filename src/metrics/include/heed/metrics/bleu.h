#pragma once
#include <array>
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct BleuOptions {
  std::string tokenize = "13a";  ///< "13a" (mteval-v13a, what sacreBLEU does by default) or "none" (text is tokenised)
  bool lowercase = false;
  std::string smooth = "exp";  ///< "exp" (sacreBLEU's default: method 3 of Chen and Cherry 2014) or "none"
  /// The mean is over the orders that the hypotheses have n-grams of, as sacreBLEU has it for single sentences: without
  /// it one of three words has no score, even where it is the reference.
  bool effective_order = false;
};

/// The values of BleuOptions::tokenize.
const std::vector<std::string>& bleu_tokenizers();

struct BleuScore {
  double score = 0;                    ///< percent
  std::array<double, 4> precisions{};  ///< percent
  double brevity_penalty = 0;
  long hypothesis_length = 0;
  long reference_length = 0;
  std::string signature;  ///< as sacreBLEU prints it: "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:..."
};

/// Corpus BLEU (Papineni et al. 2002), figures equal to sacreBLEU's (Post 2018). `references[r][i]` is reference r of
/// sentence i; an empty line among several references means that this sentence has fewer.
///   BLEU = BP exp(mean over n = 1..4 of log p_n),  BP = min(1, exp(1 - reference length / hypothesis length))
/// with the closest reference's length. Throws Error if the counts of sentences differ.
BleuScore bleu(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
               const BleuOptions& options = {});

/// The tokens of a line as mteval-v13a.pl cuts them, joined by one space.
std::string tokenize_13a(const std::string& line);

}  // namespace heed

#pragma once
#include <span>
#include <string>
#include <string_view>

#include "heed/base/export.h"
#include "heed/record/translation.h"

namespace HEED_API heed {

/// How much of the attention a line has.
struct LineOptions {
  bool attention = true;
  bool layers = true;         ///< and models of an ensemble, beside their mean
  int decimals = 8;           ///< 0.1 and not 0.10000000149011612
  bool token_scores = false;  ///< Translation::log_probabilities of an empty answer too, which has none
};

/// A line of docs/json-lines.md with its line end, as `heed translate` writes it. Bytes that are no UTF-8 become
/// U+FFFD; what is not finite becomes null.
std::string to_json_line(const Translated& translated, const LineOptions& options = {});
/// The same of a given pair, as `heed score` writes it.
std::string to_scored_line(const Translated& scored, const LineOptions& options = {});
/// The best translation and its source in one object, for the samples in a training's history.
std::string to_sample_line(const Translated& translated, const LineOptions& options = {});
/// The links between the words of a pair, and their weights, [target words][source words], with 4 decimals, as `heed
/// align` writes them.
std::string to_aligned_line(const std::string& source, const std::string& target, std::span<const Link> links,
                            const AttentionWeights& weights);
/// A line without translations, of input that is no text.
std::string to_error_line(const std::string& bytes, const std::string& fault);

/// Reads what any of these wrote, or another program. Throws Error that says what is wrong with the line.
Translated read_json_line(std::string_view line);

/// The name of a fate in a trace: "kept".
const char* name_of(Fate fate);

}  // namespace heed

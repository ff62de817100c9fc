#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A translation among several of a sentence, and the features by which it may be ranked.
struct NbestAnswer {
  std::string text;
  std::vector<std::string> names;
  std::vector<double> features;          ///< by these names
  std::vector<std::string> tokens = {};  ///< without EOS; none: unknown
};

/// A sentence and its answers; nothing where the line was no text ("error").
struct NbestLine {
  std::string source;
  std::vector<NbestAnswer> answers;
  std::map<std::string, std::string> features = {};  ///< of the source: values by name, as SourceLine has them
};

/// Reads a line that `heed translate --nbest` wrote. A translation without "features" has one: Heed0, its
/// log-probability, or Score0, its score. Throws Error that says what is wrong with the line.
NbestLine read_nbest_line(std::string_view line);

/// A translation in another order.
struct RankedAnswer {
  std::size_t place = 0;  ///< in the line as it was read
  double score = 0;
  std::span<const double> features;
};

/// A line that was read, with these of its translations, in this order, with their scores and the features of these
/// names; all other values stay as they are, to the byte.
std::string to_ranked_line(std::string_view line, std::span<const std::string> names,
                           std::span<const RankedAnswer> answers);

}  // namespace heed

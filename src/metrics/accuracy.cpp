#include "heed/metrics/accuracy.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "words.h"

namespace heed {
namespace {

/// The line without blanks at its ends, and with one for several.
std::string prepare(std::string_view line, const AccuracyOptions& options) {
  return join(split_words(options.lowercase ? utf8::lowercase(line) : std::string(line)), " ");
}

}  // namespace

AccuracyScore accuracy(const std::vector<std::string>& hypotheses,
                       const std::vector<std::vector<std::string>>& references, const AccuracyOptions& options) {
  const Segments segments = segments_of(hypotheses, references);
  AccuracyScore result;
  result.lines = static_cast<long>(hypotheses.size());
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const std::string hypothesis = prepare(hypotheses[i], options);
    const auto equals = [&](std::string_view reference) { return hypothesis == prepare(reference, options); };
    const auto& lines = segments.references[i];
    if (std::any_of(lines.begin(), lines.end(), equals)) ++result.correct;
  }
  result.score = 100 * static_cast<double>(result.correct) / static_cast<double>(result.lines);
  result.signature =
      fmt::format("nrefs:{}|case:{}|version:heed-{}", segments.count, options.lowercase ? "lc" : "mixed", kVersion);
  return result;
}

}  // namespace heed

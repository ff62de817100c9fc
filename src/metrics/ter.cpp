#include "heed/metrics/ter.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "ter_edits.h"
#include "words.h"

namespace heed {

TerScore ter(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references) {
  const Segments segments = segments_of(hypotheses, references);
  TerScore result;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](std::string_view line) {
      const std::string text = utf8::lowercase(line);
      return ids(ComparedWords{"ter", 50'000, i}(split_words(text)));
    };
    const std::vector<int> hypothesis = words(hypotheses[i]);
    int fewest = std::numeric_limits<int>::max();
    double length = 0;
    for (const std::string_view line : segments.references[i]) {
      const std::vector<int> reference = words(line);
      fewest = std::min(fewest, ter_edits(hypothesis, reference));
      length += static_cast<double>(reference.size());
    }
    result.edits += fewest;
    result.reference_length += length / static_cast<double>(segments.references[i].size());
  }
  if (result.reference_length > 0) {
    result.score = 100 * static_cast<double>(result.edits) / result.reference_length;
  } else {
    result.score = result.edits > 0 ? 100 : 0;
  }
  result.signature =
      fmt::format("nrefs:{}|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:heed-{}", segments.count, kVersion);
  return result;
}

}  // namespace heed

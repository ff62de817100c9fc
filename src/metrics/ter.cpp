#include "heed/metrics/ter.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "counts.h"
#include "segments.h"
#include "ter_edits.h"
#include "tercom_words.h"
#include "words.h"

namespace heed {

// A row: edits to the nearest reference, and the mean of the references' words.

SentenceCounts count_ter(const Texts& texts, const TerOptions& options) {
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = 2, .references = segments.count};
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](const std::string& text) {
      return ids(ComparedWords{"ter", 50'000, texts.before + i}(split_words(text)));
    };
    const std::vector<int> hypothesis = words(tercom_text(texts.hypotheses[i], options));
    int fewest = std::numeric_limits<int>::max();
    double length = 0;
    for (const std::string_view line : segments.references[i]) {
      // sacreBLEU (2.6) normalizes references twice, which cuts more off: "dog's." has three words then, and not two.
      const std::string text = tercom_text(line, options);
      const std::vector<int> reference = words(options.normalized ? tercom_text(text, options) : text);
      fewest = std::min(fewest, ter_edits(hypothesis, reference));
      length += static_cast<double>(reference.size());
    }
    length /= static_cast<double>(segments.references[i].size());
    counts.rows.insert(counts.rows.end(), {static_cast<double>(fewest), length});
  }
  return counts;
}

TerScore ter_of(Sums sums, const std::string& references, const TerOptions& options) {
  TerScore result;
  result.edits = static_cast<long>(sums[0]);
  result.reference_length = sums[1];
  result.score = rate_of(sums[0], sums[1]);
  result.signature =
      signature("TER", references,
                fmt::format("case:{}|tok:tercom|norm:{}|punct:{}|asian:{}", case_field(!options.case_sensitive),
                            yes_no(options.normalized), yes_no(!options.no_punct), yes_no(options.asian_support)));
  return result;
}

TerScore ter(const Lines& hypotheses, const std::vector<Lines>& references, const TerOptions& options) {
  const SentenceCounts counts = count_ter({hypotheses, references}, options);
  return ter_of(counts.sum(), counts.references, options);
}

}  // namespace heed

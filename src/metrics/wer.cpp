#include "heed/metrics/wer.h"

#include <fmt/format.h>

#include "bit_parallel.h"
#include "heed/base/utf8.h"
#include "heed/base/version.h"
#include "segments.h"
#include "words.h"

namespace heed {
namespace {

/// What the edits are of.
struct Units {
  const char* metric;
  const char* name;
  const char* tokenize;  // for the signature
  std::vector<std::string_view> (*of)(std::string_view line);
};

WerScore error_rate(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
                    const WerOptions& options, const Units& units) {
  const Segments segments = segments_of(hypotheses, references);
  WerScore result;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](std::string_view line) {
      const std::string cased = options.lowercase ? utf8::lowercase(line) : std::string(line);
      const std::string text = join(utf8::words(cased), " ");
      return ids(ComparedWords{units.metric, 200'000, i, units.name}(units.of(text)));
    };
    const std::vector<int> hypothesis = words(hypotheses[i]);
    long errors = -1;
    long length = 0;
    for (const std::string_view line : segments.references[i]) {
      const std::vector<int> reference = words(line);
      const long distance = edit_distance(hypothesis, reference);
      const long words_of_it = static_cast<long>(reference.size());
      if (errors < 0 || distance < errors || (distance == errors && words_of_it > length)) {
        errors = distance;
        length = words_of_it;
      }
    }
    result.errors += errors;
    result.reference_words += length;
  }
  if (result.reference_words > 0) {
    result.score = 100 * static_cast<double>(result.errors) / static_cast<double>(result.reference_words);
  } else {
    result.score = result.errors > 0 ? 100 : 0;
  }
  result.signature = fmt::format("nrefs:{}|case:{}|tok:{}|version:heed-{}", segments.count,
                                 options.lowercase ? "lc" : "mixed", units.tokenize, kVersion);
  return result;
}

}  // namespace

WerScore wer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options) {
  return error_rate(hypotheses, references, options, {"wer", "words", "none", utf8::words});
}

WerScore cer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options) {
  return error_rate(hypotheses, references, options, {"cer", "characters", "char", utf8::chars});
}

}  // namespace heed

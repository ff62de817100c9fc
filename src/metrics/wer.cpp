#include "heed/metrics/wer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "heed/base/utf8.h"
#include "segments.h"
#include "version.h"
#include "words.h"

namespace heed {

namespace {

/// Levenshtein distance; exact, unlike EditTable's.
long edit_distance(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<long> row(b.size() + 1);  // from a's words so far to the first j of b
  std::iota(row.begin(), row.end(), 0L);
  for (std::size_t i = 0; i < a.size(); ++i) {
    long diagonal = std::exchange(row[0], static_cast<long>(i) + 1);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const long substituted = diagonal + (a[i] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

WerScore wer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options) {
  const Segments segments = segments_of(hypotheses, references);
  WerScore result;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](std::string_view line) {
      return ids(utf8::words(options.lowercase ? utf8::lowercase(line) : std::string(line)));
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
  result.signature = fmt::format("nrefs:{}|case:{}|tok:none|version:{}", segments.count,
                                 options.lowercase ? "lc" : "mixed", kSignatureVersion);
  return result;
}

}  // namespace heed

#pragma once
#include <span>
#include <string>
#include <vector>

namespace heed {

/// What a metric counts in each sentence. Its figure for any set of sentences is computed from the sum of their rows.
struct SentenceCounts {
  std::size_t width = 0;          ///< numbers of a sentence
  std::vector<double> rows = {};  ///< [sentence * width]
  std::string references = {};    ///< references per sentence for signatures, as Segments::count

  std::size_t sentences() const { return rows.size() / width; }
  std::span<const double> row(std::size_t sentence) const { return std::span(rows).subspan(sentence * width, width); }
  /// Of all sentences, in order.
  std::vector<double> sum() const;
};

/// Errors per word of the references, percent; of nothing at all 0, and 100 for words where there should be none. The
/// division comes first, as sacreBLEU and jiwer have it, for the last digit that is printed.
double rate_of(double errors, double words);

/// sacreBLEU's form of what a figure was computed with: "NAME|nrefs:1|FIELDS|version:heed-0.1.0".
std::string signature(const std::string& name, const std::string& references, const std::string& fields);

inline const char* yes_no(bool value) { return value ? "yes" : "no"; }
inline const char* case_field(bool lowercase) { return lowercase ? "lc" : "mixed"; }

}  // namespace heed

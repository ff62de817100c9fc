#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace heed {

/// Adds rows of so many numbers, one after the other: the last digit of a sum is that of their order.
inline void add_rows(std::span<const double> rows, std::span<double> sums) {
  for (std::size_t i = 0; i < rows.size(); i += sums.size()) {
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += rows[i + n];
  }
}

/// What a metric counts in each sentence. Its figure for any set of sentences is computed from the sum of their rows.
struct SentenceCounts {
  std::size_t width = 0;          ///< numbers of a sentence
  std::vector<double> rows = {};  ///< [sentence * width]
  std::string references = {};    ///< references per sentence for signatures, as Segments::count

  std::size_t sentences() const { return rows.size() / width; }
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

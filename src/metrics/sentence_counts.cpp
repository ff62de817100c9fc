#include "sentence_counts.h"

#include <fmt/format.h>

#include "heed/base/version.h"

namespace heed {

std::vector<double> SentenceCounts::sum() const {
  std::vector<double> out(width);
  add_rows(rows, out);
  return out;
}

double rate_of(double errors, double words) {
  if (words > 0) return 100 * (errors / words);
  return errors > 0 ? 100 : 0;
}

std::string signature(const std::string& name, const std::string& references, const std::string& fields) {
  return fmt::format("{}|nrefs:{}|{}|version:heed-{}", name, references, fields, kVersion);
}

}  // namespace heed

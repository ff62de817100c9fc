#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_API heed {

class Examples;
class LengthCounts;

/// The most tokens that an answer may have: ratio * source tokens + extra, and at least one (length_limit()). EOS
/// counts on both sides, as it does in the token lists of JSON lines.
struct OutputLimit {
  double ratio = 2;  ///< the defaults are those of models from before the limit was fitted to training pairs
  int extra = 20;

  /// "x1.5+30"; terms of 0 are left out: "x1.5", "30".
  std::string text() const;
  /// Parses text(). Throws UsageError for anything else.
  static OutputLimit parse(std::string_view text);
  /// A limit that fits all of these pairs, and a quarter more: see output_limit.cpp.
  static OutputLimit fit(const LengthCounts& pairs);
  static OutputLimit fit(const Examples& pairs);
  /// The larger of two limits, term by term.
  static OutputLimit widest(const OutputLimit& a, const OutputLimit& b);
};

}  // namespace heed

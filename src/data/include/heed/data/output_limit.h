#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_API heed {

class Examples;

/// The most tokens that an answer may have: ratio * source tokens + extra, and at least one (length_limit()). The end
/// mark counts on both sides, as it does in the token lists of JSON lines.
struct OutputLimit {
  double ratio = 2;  ///< these two are the rule for models that were made before the limit came from their training
  int extra = 20;

  /// "x1.5+30", or without what is 0: "x1.5", "30".
  std::string text() const;
  /// Reads what text() writes. Throws UsageError for anything else.
  static OutputLimit parse(std::string_view text);
  /// A limit that leaves every one of these pairs room, and a quarter more: see output_limit.cpp.
  static OutputLimit fit(const Examples& pairs);
  /// One that leaves as much room as each of the two.
  static OutputLimit widest(const OutputLimit& a, const OutputLimit& b);
};

}  // namespace heed

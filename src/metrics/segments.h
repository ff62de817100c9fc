#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// The references of each sentence, checked.
struct Segments {
  std::vector<std::vector<std::string_view>> references;  ///< [sentence][its references, at least one]
  std::string count;  ///< references per sentence for signatures: "1", "2", or "var" where they differ
};

/// Turns references[r][i] about, without kNoReference; a sentence that has no other is compared with the empty line.
/// Throws Error if there is nothing to compare, if the counts of sentences differ, or if a line is not UTF-8. The views
/// point into `references`.
Segments segments_of(const std::vector<std::string>& hypotheses,
                     const std::vector<std::vector<std::string>>& references);

}  // namespace heed

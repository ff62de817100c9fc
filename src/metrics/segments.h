#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// The sentences of a corpus, or a block of them. `references[r][i]` is reference r of sentence i.
struct Texts {
  const std::vector<std::string>& hypotheses;
  const std::vector<std::vector<std::string>>& references;
  std::size_t before = 0;  ///< sentences of the corpus before the block, for the lines that errors name
};

/// References a sentence, in signatures, where sentences have different numbers of them.
inline constexpr const char* kReferencesVary = "var";

/// The references of each sentence, checked.
struct Segments {
  std::vector<std::vector<std::string_view>> references;  ///< [sentence][its references, at least one]
  std::string count;  ///< references per sentence for signatures: "1", "2", or kReferencesVary
};

/// Turns the references about, without kNoReference; a sentence that has no other is compared with the empty line.
/// Throws Error if there is nothing to compare, if the counts of sentences differ, or if a line is not UTF-8. The views
/// point into `texts.references`.
Segments segments_of(const Texts& texts);

}  // namespace heed

#pragma once
#include <cstddef>
#include <filesystem>

#include "corpus/corpus.h"

namespace heed::recipes {

/// The part is a matter of the page, so no page is in two of them, and a source sentence that several pages have stays
/// with the first page in the order of their paths: no source is in two parts.
struct HelpCorpus : Corpus {
  std::size_t pages = 0;      ///< pages that both languages have
  std::size_t unaligned = 0;  ///< of these, pages whose structure differs
};

/// Reads every .html below `source` that is also below `target`.
HelpCorpus build_corpus(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace heed::recipes

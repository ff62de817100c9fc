#pragma once
#include <cstddef>
#include <istream>

#include "corpus/corpus.h"

namespace heed::recipes {

/// From description to synopsis. Packages of one source often begin their descriptions with the same paragraph: it
/// decides the part, so that what they share is in one part only.
struct SynopsisCorpus : Corpus {
  std::size_t packages = 0;  ///< that were read
};

/// Reads the descriptions of apt, one "Package:", "Description-en:" and text for each package (README.md says what is
/// left out).
SynopsisCorpus build_synopses(std::istream& translation);

}  // namespace heed::recipes

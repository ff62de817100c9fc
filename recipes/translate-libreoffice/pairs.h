#pragma once
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "html_page.h"

namespace heed::recipes {

bool have_same_structure(const std::vector<Block>& a, const std::vector<Block>& b);

/// Blocks of one page in two languages that belong together: all of them where the pages have the same structure, else
/// those whose id occurs once in either page.
std::vector<Pair> align_blocks(const std::vector<Block>& source, const std::vector<Block>& target);

/// The usual length of a target in characters for one of the source: the median over the longer blocks. It is 1.2
/// for French and 0.5 for Japanese, so the filter below fits every language.
double usual_length_ratio(const std::vector<Pair>& blocks);

/// True if the pair can teach something: words on both sides, not too long, not the same text, no mark-up, and lengths
/// that fit.
bool is_clean(const Pair& pair, double usual_ratio);

/// Sentence by sentence where both sides have as many and each pair is clean; else the whole block, if that is clean.
std::vector<Pair> split_block(const Pair& block, double usual_ratio);

}  // namespace heed::recipes

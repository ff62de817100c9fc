#pragma once
#include <string>

namespace heed {

/// Stem of a word of lower-case ASCII letters and digits (Porter 1980), with the extensions of NLTK, whose stemmer
/// rouge_score uses.
std::string porter_stem(std::string word);

}  // namespace heed

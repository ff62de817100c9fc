#pragma once
#include <map>
#include <string>
#include <vector>

#include "heed/data/corpus.h"
#include "heed/model/bundle.h"

namespace heed::serve {

/// A source sentence with the translation that a person gave.
struct Correction {
  std::string source, target;
  std::map<std::string, std::string> features = {};  ///< values of the model's source features, by their names
};

/// Throws Problem for texts that the model cannot learn from: too long, or of tokens that it does not know.
void check_texts(const Bundle& bundle, const std::vector<Correction>& corrections);
/// With the features that the model reads. Throws Error if one is missing.
std::vector<SentencePair> pairs_of(const std::vector<Correction>& corrections, const Bundle& bundle);

}  // namespace heed::serve

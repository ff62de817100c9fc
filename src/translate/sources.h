#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/record/translation.h"
#include "heed/text/extended_vocabulary.h"

namespace heed {

/// What is to be translated: sentences that are not blank, and where their answers go.
struct Sources {
  std::vector<std::vector<int>> ids;
  std::vector<std::vector<int>> features;  // TextSide::feature_ids() of each; no ids where the model reads none
  std::vector<int> lengths;
  std::vector<std::size_t> places;
  std::vector<ExtendedVocabulary> extended;  // of each, if a model copies
};

/// Sentences as they are given, with the values of their features, or none of any.
struct TranslatedText {
  std::span<const std::string> sentences;
  std::span<const FeatureValues> features;
};

/// Reads at most `max_tokens` tokens of each sentence (0: all). `out` gets the sentences and their tokens; blank ones
/// get their empty translation.
Sources read_sentences(std::span<const Bundle> bundles, const TranslatedText& text, int max_tokens,
                       std::span<Translated> out);

/// How many of them are <unk>.
int unknown_tokens(std::span<const int> ids);

}  // namespace heed

#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// A stream of values beside the tokens of the source, each of which has one: part of speech, lemma, dialect.
struct FeatureOptions {
  std::string name = {};             ///< empty: feature1, feature2, ... by its place
  int column = 0;                    ///< of TSV files, from 1; 0: there is no feature
  int embedding = 0;                 ///< width of its embeddings; 0: 16, or with `sum` that of the tokens'
  std::string join = "concatenate";  ///< concatenate | sum: with the embedding of the token

  bool adds() const { return join == "sum"; }
};

/// The values of each feature of a sentence, as they are given: one, or one for each word (utf8::words), with blanks
/// between.
using FeatureValues = std::vector<std::string>;

/// Why the values of a feature are not those of a sentence; empty if they are.
std::string feature_fault(std::string_view values, std::string_view sentence);
/// Throws Error if the values of the features, one for each, do not fit the sentence.
void check_features(const std::vector<FeatureOptions>& features, const FeatureValues& values,
                    const std::string& sentence);
/// The values of a model's features for a sentence, of which a blank one needs none; others are not looked at. Throws
/// Error if one is missing, or does not fit the sentence.
FeatureValues feature_values(const std::vector<FeatureOptions>& features, std::map<std::string, std::string> given,
                             const std::string& source);
/// Throws Error for values that the model does not read.
void refuse_other_features(const std::vector<FeatureOptions>& features,
                           const std::map<std::string, std::string>& given);

}  // namespace heed

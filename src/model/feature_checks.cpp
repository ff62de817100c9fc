// Checks of data.source.features.
#include <fmt/format.h>

#include <algorithm>

#include "feature_columns.h"
#include "refusal.h"
#include "text_checks.h"

namespace heed {
namespace {

const std::string kSection = "data.source.features";

/// It is part of names of files and arrays.
bool is_feature_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void check_feature(const FeatureOptions& feature, const ModelOptions& model) {
  refuse_value(feature.column == 0, kSection + ".column", fmt::format("feature '{}' has none", feature.name));
  refuse_value(!is_feature_name(feature.name), kSection + ".name",
               fmt::format("'{}' is no name; expected: letters, digits, '-' and '_'", feature.name));
  refuse_value(feature.adds() && feature_columns(feature, model) != model.source_columns(), kSection + ".embedding",
               fmt::format("{} of feature '{}' cannot be added to the source's embeddings of {}: leave it out, or take "
                           "join: concatenate",
                           feature.embedding, feature.name, model.source_columns()));
}

}  // namespace

void check_features(const Config& config) {
  refuse_value(!config.data.target.features().empty(), "data.target.features",
               "the target has none; expected: data.source.features");
  const std::vector<FeatureOptions> features = config.data.source.features();
  for (std::size_t f = 0; f < features.size(); ++f) {
    check_feature(features[f], config.model);
    for (std::size_t before = 0; before < f; ++before) {
      refuse_value(features[before].name == features[f].name, kSection + ".name",
                   fmt::format("two features are called '{}'", features[f].name));
    }
  }
  refuse_value(!features.empty() && config.data.source.sampling > 0, kSection + ".column",
               "the tokens whose values it has are drawn anew by data.source.sampling: set one of them");
  (void)config.data.corpora();
  (void)config.data.with_features(config.data.validation, "data.validation.columns");
  (void)config.data.with_features(config.data.test, "data.test.columns");
}

void check_feature_effect(const Config& config) {
  const FeatureOptions usual;
  const FeatureOptions& feature = config.data.source.feature;
  if (feature.column != 0) return;
  const std::string why = "without data.source.features.column";
  refuse(!feature.name.empty(), kSection + ".name", why);
  refuse(feature.embedding != usual.embedding, kSection + ".embedding", why);
  refuse(feature.join != usual.join, kSection + ".join", why);
}

}  // namespace heed

// Checks of data.source.features.
#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "text_checks.h"

namespace heed {
namespace {

const std::string kSection = "data.source.features";

[[noreturn]] void refuse_feature(const std::string& key, const std::string& what) {
  const std::string name = kSection + "." + key;
  throw UsageError(fmt::format("{}: {}", name, what), {.key = name});
}

/// It is part of names of files and arrays.
bool is_feature_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void check_feature(const FeatureOptions& feature, const ModelOptions& model) {
  if (feature.column == 0) refuse_feature("column", fmt::format("feature '{}' has none", feature.name));
  if (!is_feature_name(feature.name))
    refuse_feature("name", fmt::format("'{}' is no name; expected: letters, digits, '-' and '_'", feature.name));
  if (feature.adds() && feature.embedding != 0 && feature.embedding != model.source_columns()) {
    refuse_feature("embedding",
                   fmt::format("{} of feature '{}' cannot be added to the source's embeddings of {}: leave "
                               "it out, or take join: concatenate",
                               feature.embedding, feature.name, model.source_columns()));
  }
}

}  // namespace

void check_features(const Config& config) {
  const std::vector<FeatureOptions> features = config.data.source.features();
  for (std::size_t f = 0; f < features.size(); ++f) {
    check_feature(features[f], config.model);
    for (std::size_t before = 0; before < f; ++before) {
      if (features[before].name == features[f].name)
        refuse_feature("name", fmt::format("two features are called '{}'", features[f].name));
    }
  }
  if (!features.empty() && config.data.source.sampling > 0) {
    refuse_feature("column", "the tokens whose values it has are drawn anew by data.source.sampling: set one of them");
  }
  (void)config.data.corpora();
  (void)config.data.with_features(config.data.validation, "data.validation.columns");
  (void)config.data.with_features(config.data.test, "data.test.columns");
}

void check_feature_effect(const Config& config) {
  const FeatureOptions usual;
  const FeatureOptions& feature = config.data.source.feature;
  if (feature.column != 0) return;
  const auto refuse = [](bool set, const char* key) {
    if (!set) return;
    throw UsageError(fmt::format("{0}.{1} has no effect without {0}.column", kSection, key),
                     {.key = fmt::format("{}.{}", kSection, key)});
  };
  refuse(!feature.name.empty(), "name");
  refuse(feature.embedding != usual.embedding, "embedding");
  refuse(feature.join != usual.join, "join");
}

}  // namespace heed

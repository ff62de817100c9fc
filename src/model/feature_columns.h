#pragma once
#include "heed/model/config.h"

namespace heed {

/// The width of the embeddings of a feature's values: where the config leaves it open, that of the tokens' which they
/// are added to, or a usual one beside those.
inline int feature_columns(const FeatureOptions& feature, const ModelOptions& model) {
  constexpr int kUsualColumns = 16;
  if (feature.embedding > 0) return feature.embedding;
  return feature.adds() ? model.source_columns() : kUsualColumns;
}

}  // namespace heed

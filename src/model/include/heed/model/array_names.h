#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "heed/base/export.h"
#include "heed/model/config.h"

/// Names of a model's arrays that others than their makers speak of.
namespace HEED_ENGINE_API heed {

inline constexpr const char* kSourceEmbedding = "source.embedding";
inline constexpr const char* kTargetEmbedding = "target.embedding";  ///< with ModelOptions::ties_both() of both sides
inline constexpr const char* kGeneratorWeight = "generator.weight";
inline constexpr const char* kGeneratorBias = "generator.bias";

/// An array with a row, or a column, for each token of a side's vocabulary.
struct VocabularyArray {
  bool of_source = false;
  bool in_columns = false;
};
/// Nothing for all other arrays.
std::optional<VocabularyArray> vocabulary_array(std::string_view name);

/// What the names of a layer's arrays begin with: "encoder.0.forward", "decoder.0".
std::string forward_name(int layer);
std::string backward_name(int layer);
std::string decoder_name(int layer);
/// Of a column of the source, by the name of the feature: "source.features.tag.embedding".
std::string feature_embedding_name(std::string_view feature);
/// Of a part that there is one of, or one for each decoder layer: "attention", "attention.0".
std::string name_at_attention(const char* part, const ModelOptions& options, int layer);

}  // namespace heed

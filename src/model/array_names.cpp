#include "heed/model/array_names.h"

#include <fmt/format.h>

namespace heed {

std::optional<VocabularyArray> vocabulary_array(std::string_view name) {
  if (name == kSourceEmbedding) return VocabularyArray{.of_source = true};
  if (name == kTargetEmbedding) return VocabularyArray{};
  if (name == kGeneratorWeight || name == kGeneratorBias) return VocabularyArray{.in_columns = true};
  return std::nullopt;
}

std::string forward_name(int layer) { return fmt::format("encoder.{}.forward", layer); }

std::string backward_name(int layer) { return fmt::format("encoder.{}.backward", layer); }

std::string decoder_name(int layer) { return fmt::format("decoder.{}", layer); }

std::string feature_embedding_name(std::string_view feature) {
  return fmt::format("source.features.{}.embedding", feature);
}

std::string name_at_attention(const char* part, const ModelOptions& options, int layer) {
  const bool several = options.attends_in_each_layer() && options.decoder_layers > 1;
  return several ? fmt::format("{}.{}", part, layer) : part;
}

}  // namespace heed

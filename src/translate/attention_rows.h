#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/model/decoder.h"
#include "heed/record/translation.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// The attention of row `row` of a step, over the `tokens` of its sentence: a pyramid has a state for several, which
/// share its weight.
AttentionRow attention_row(const DecoderState& state, std::int64_t row, std::size_t tokens, int tokens_per_state);

/// The layers of a model's attention.
struct LayersOfModel {
  explicit LayersOfModel(const Bundle& bundle);

  std::vector<int> heads;  ///< of each layer (Decoder::attention_heads())
  std::vector<std::string> names;
};
std::vector<LayersOfModel> layers_of(std::span<const Bundle> bundles);

/// Adds the row of the next target token; of several models, that of each as well.
void add_attention(AttentionRow row, std::span<const LayersOfModel> models, Translation& to);

}  // namespace heed

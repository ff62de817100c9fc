#pragma once
#include <span>
#include <vector>

#include "heed/model/decoder.h"
#include "heed/search/step_scorer.h"
#include "heed/translate/translator.h"

namespace heed {

/// What row `row` of a step looked at, over the `tokens` of its sentence: a pyramid has a state for several, which
/// share its weight.
AttentionRow attention_row(const DecoderState& state, std::int64_t row, std::size_t tokens, int tokens_per_state);

/// The row of the next target token, for Translation and Scored. `heads`: of each layer (Decoder::attention_heads()).
void add_attention(AttentionRow row, std::span<const int> heads, std::vector<std::vector<float>>& attention,
                   AttentionLayers& layers);

}  // namespace heed

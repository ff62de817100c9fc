#pragma once
#include <span>
#include <vector>

#include "heed/model/decoder.h"
#include "heed/record/translation.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// The attention of row `row` of a step, over the `tokens` of its sentence: a pyramid has a state for several, which
/// share its weight.
AttentionRow attention_row(const DecoderState& state, std::int64_t row, std::size_t tokens, int tokens_per_state);

/// Adds the row of the next target token. `heads`: of each layer (Decoder::attention_heads()).
void add_attention(AttentionRow row, std::span<const int> heads, Translation& to);

}  // namespace heed

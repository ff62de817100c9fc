#include "attention_rows.h"

#include <utility>

namespace heed {

AttentionRow attention_row(const DecoderState& state, std::int64_t row, std::size_t tokens, int tokens_per_state) {
  const auto spread = [&](const Variable& weights) {
    std::vector<float> out(tokens);
    const std::span<const float> states(weights.value().row(row), static_cast<std::size_t>(weights.columns()));
    spread_attention(states, tokens_per_state, out);
    return out;
  };
  AttentionRow out;
  if (state.traces.empty()) return out;
  out.mean.resize(tokens);
  const float share = 1.0F / static_cast<float>(state.traces.size());
  for (const AttentionTrace& trace : state.traces) {
    const std::vector<float> weights = spread(trace.weights);
    for (std::size_t s = 0; s < tokens; ++s) out.mean[s] += weights[s] * share;
  }
  const auto layers = state.attention();
  if (layers.size() == 1 && layers.front().size() == 1) return out;
  for (const auto& layer : layers) {
    for (const Variable& head : layer) out.parts.push_back(spread(head));
  }
  return out;
}

void add_attention(AttentionRow row, std::span<const int> heads, Translation& to) {
  to.attention.push_back(std::move(row.mean));
  if (row.parts.empty()) return;
  AttentionLayers& layers = to.attention_layers;
  layers.resize(heads.size());
  auto part = row.parts.begin();
  for (std::size_t l = 0; l < heads.size(); ++l) {
    layers[l].resize(heads[l]);
    for (AttentionWeights& head : layers[l]) head.push_back(std::move(*part++));
  }
}

}  // namespace heed

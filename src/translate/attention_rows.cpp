#include "attention_rows.h"

#include <utility>

#include "heed/model/context_entry.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

void add_parts(std::vector<std::vector<float>>& parts, const LayersOfModel& model, AttentionLayers& layers) {
  if (parts.empty()) return;
  layers.resize(model.heads.size());
  auto part = parts.begin();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    layers[l].resize(model.heads[l]);
    for (AttentionWeights& head : layers[l]) head.push_back(std::move(*part++));
  }
}

}  // namespace

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

LayersOfModel::LayersOfModel(const Bundle& bundle)
    : heads(bundle.model->decoder().attention_heads()), names(attention_layer_names(bundle.config.model)) {}

std::vector<LayersOfModel> layers_of(std::span<const Bundle> bundles) { return {bundles.begin(), bundles.end()}; }

void add_attention(AttentionRow row, std::span<const LayersOfModel> models, Translation& to) {
  to.attention.push_back(std::move(row.mean));
  if (models.size() == 1) return add_parts(row.parts, models.front(), to.attention_layers);
  to.attention_members.resize(models.size());
  for (std::size_t m = 0; m < models.size(); ++m) {
    MemberAttention& member = to.attention_members[m];
    AttentionRow& own = row.members[m];
    if (own.mean.empty()) continue;
    member.attention.push_back(std::move(own.mean));
    if (!own.parts.empty()) member.attention_names = models[m].names;
    add_parts(own.parts, models[m], member.attention_layers);
  }
}

}  // namespace heed

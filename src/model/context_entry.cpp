#include "heed/model/context_entry.h"

#include <fmt/format.h>

#include <algorithm>

namespace heed {
namespace {

/// Of lines with the same entry `auto` means the one that feeds h~, unless input_feeding is false.
const std::vector<ContextEntryKind>& table() {
  static const std::vector<ContextEntryKind> all = {
      {.name = "input-feeding", .entry = ContextEntry::kOutput, .asks = Asks::kAfterLastLayer},
      {.name = "output-only", .entry = ContextEntry::kOutput, .asks = Asks::kAfterLastLayer, .feeds = false},
      {.name = "cell-input", .entry = ContextEntry::kCell, .asks = Asks::kLastBefore, .enters_first = true},
      {.name = "conditional", .entry = ContextEntry::kConditional, .asks = Asks::kBetweenCells},
      {.name = "first-layer",
       .entry = ContextEntry::kFirstLayer,
       .asks = Asks::kFirstBefore,
       .enters_first = true,
       .enters_above = true},
      {.name = "all-layers",
       .entry = ContextEntry::kAllLayers,
       .asks = Asks::kAfterFirstLayer,
       .enters_first = true,
       .enters_above = true},
  };
  return all;
}

}  // namespace

std::vector<std::string> context_entry_names() {
  std::vector<std::string> names = {kAuto};
  for (const ContextEntryKind& kind : table()) names.push_back(kind.name);
  return names;
}

const ContextEntryKind& context_entry(const ModelOptions& options) {
  const bool automatic = options.attention_entry == kAuto;
  const ContextEntry usual = kinds_of(options.attention).front()->entry;
  const bool feeds = options.input_feeding.value_or(true) || usual != ContextEntry::kOutput;
  return *std::find_if(table().begin(), table().end(), [&](const ContextEntryKind& kind) {
    return automatic ? kind.entry == usual && kind.feeds == feeds : kind.name == options.attention_entry;
  });
}

bool feeds_attentional(const ModelOptions& options) {
  const ContextEntryKind& kind = context_entry(options);
  return kind.feeds && options.input_feeding.value_or(kind.entry == ContextEntry::kOutput);
}

void settle_feeding(ModelOptions& options) { options.input_feeding = feeds_attentional(options); }

std::int64_t memory_columns(const ModelOptions& options) {
  return options.attends_to_all_layers() ? std::int64_t{options.encoder_hidden} * options.encoder_layers
                                         : options.encoder_hidden;
}

std::vector<std::string> attention_layer_names(const ModelOptions& options) {
  std::vector<std::string> out;
  if (!has_attention(options.attention)) return out;
  const auto kinds = kinds_of(options.attention);
  const int layers = options.attends_in_each_layer() ? options.decoder_layers : 1;
  for (int layer = 0; layer < layers; ++layer) {
    for (int hop = 0; hop < options.attention.hops; ++hop) {
      for (const AttentionKind* kind : kinds) {
        std::string name = layers > 1 ? fmt::format("layer {}, ", layer + 1) : "";
        if (options.attention.hops > 1) name += fmt::format("hop {}, ", hop + 1);
        out.push_back(name + kind->name);
      }
    }
  }
  return out;
}

}  // namespace heed

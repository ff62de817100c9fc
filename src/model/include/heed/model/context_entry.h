#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/nn/attention.h"

namespace HEED_ENGINE_API heed {

/// When the decoder attends in a step, and whose state is the query.
enum class Asks {
  kAfterLastLayer,   ///< the last layer's new state; with attention at each layer, its own
  kLastBefore,       ///< before the first cell: the last layer's previous state
  kFirstBefore,      ///< before the first cell: the first layer's previous state
  kBetweenCells,     ///< the first layer's state, which a second cell then updates with the context
  kAfterFirstLayer,  ///< the first layer's new state
};

/// A line of the table of context entries, from which the config's check and the decoder's plan follow.
struct ContextEntryKind {
  std::string name;  ///< of model.attention.entry
  ContextEntry entry;
  Asks asks;
  bool enters_first = false;  ///< into the first layer's cell; if its new state is the query, in the next step
  bool enters_above = false;  ///< into the cells of the layers above
  bool feeds = true;          ///< allows model.decoder.input_feeding
};
/// Values of model.attention.entry.
std::vector<std::string> context_entry_names();
/// The entry of the options, or for `auto` that of the first mechanism's paper.
const ContextEntryKind& context_entry(const ModelOptions& options);
/// Whether the previous h~ enters the first cell: where nothing is said, if no context does.
bool feeds_attentional(const ModelOptions& options);
/// Puts that in the place of nothing.
void settle_feeding(ModelOptions& options);
/// Width of the encoder states that attention reads: of the last layer, or of all.
std::int64_t memory_columns(const ModelOptions& options);
/// A name for each layer of DecoderState::attention(): the mechanism, with its decoder layer and hop where there are
/// several.
std::vector<std::string> attention_layer_names(const ModelOptions& options);
/// Throws UsageError for a composition that makes no sense.
void check_attention(const ModelOptions& options);

}  // namespace heed

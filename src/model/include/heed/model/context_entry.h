#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/nn/attention.h"

namespace HEED_ENGINE_API heed {

/// When in a step the decoder attends, and whose state is the query.
enum class Asks {
  kAfterLastLayer,   ///< the last layer's new state; or after each layer, its own
  kLastBefore,       ///< before the first cell: the last layer's state of the step before
  kFirstBefore,      ///< before the first cell: the first layer's state of the step before
  kBetweenCells,     ///< the first layer's state, which a second cell then brings forward with the context
  kAfterFirstLayer,  ///< the first layer's new state
};

/// One line of the table of context entries: config, and the plan that a decoder makes of it, know no more.
struct ContextEntryKind {
  std::string name;  ///< of model.attention.entry
  ContextEntry entry;
  Asks asks;
  bool enters_first = false;  ///< the first layer's cell; where it asks after it, in the next step
  bool enters_above = false;  ///< the cells of the layers above
  bool feeds = true;          ///< h~ of the step before, if model.decoder.input_feeding says so
};
/// What model.attention.entry may be.
std::vector<std::string> context_entry_names();
/// What the options say, or (auto) where the paper of the first mechanism has it.
const ContextEntryKind& context_entry(const ModelOptions& options);
/// Whether h~ of the step before enters the first cell.
bool feeds_attentional(const ModelOptions& options);
/// Width of what attention reads of each source position: the states of the last encoder layer, or of all.
std::int64_t memory_columns(const ModelOptions& options);
/// A name for each layer of DecoderState::attention(): the mechanism, with its decoder layer and hop where there are
/// several.
std::vector<std::string> attention_layer_names(const ModelOptions& options);
/// Throws UsageError for a composition that makes no sense.
void check_attention(const ModelOptions& options);

}  // namespace heed

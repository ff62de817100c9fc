#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/nn/attention.h"

namespace HEED_ENGINE_API heed {

/// Words for model.attention.entry.
const std::vector<std::string>& context_entry_names();
/// What the options say, or (auto) where the paper of the first mechanism has it.
ContextEntry context_entry(const ModelOptions& options);
/// Whether h~ of the step before enters the first cell.
bool feeds_attentional(const ModelOptions& options);
/// Whether the output is the sum over all positions of what it would be if one alone were looked at.
bool is_marginal(const ModelOptions& options);
/// Whether its attention is told what each token says of the position (AttentionKind::evidence).
bool weighs_evidence(const ModelOptions& options);
/// Width of what attention reads of each source position: the states of the last encoder layer, or of all.
std::int64_t memory_columns(const ModelOptions& options);
/// A name for each layer of DecoderState::attention(): the mechanism, with its decoder layer and hop where there are
/// several.
std::vector<std::string> attention_layer_names(const ModelOptions& options);
/// Throws UsageError for a composition that makes no sense.
void check_attention(const ModelOptions& options);

}  // namespace heed

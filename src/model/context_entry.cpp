#include "heed/model/context_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "heed/base/error.h"

namespace heed {
namespace {

const std::map<std::string, ContextEntry>& entries() {
  static const std::map<std::string, ContextEntry> all = {
      {"output-only", ContextEntry::kOutput},     {"input-feeding", ContextEntry::kOutput},
      {"cell-input", ContextEntry::kCell},        {"conditional", ContextEntry::kConditional},
      {"first-layer", ContextEntry::kFirstLayer}, {"all-layers", ContextEntry::kAllLayers},
  };
  return all;
}

}  // namespace

const std::vector<std::string>& context_entry_names() {
  static const std::vector<std::string> names = {"auto",        "input-feeding", "output-only", "cell-input",
                                                 "conditional", "first-layer",   "all-layers"};
  return names;
}

ContextEntry context_entry(const ModelOptions& options) {
  if (options.attention_entry == "auto") return kinds_of(options.attention).front()->entry;
  return entries().at(options.attention_entry);
}

bool feeds_attentional(const ModelOptions& options) {
  return options.input_feeding && options.attention_entry != "output-only";
}

bool is_marginal(const ModelOptions& options) { return kinds_of(options.attention).front()->marginal; }

bool weighs_evidence(const ModelOptions& options) { return kinds_of(options.attention).front()->evidence; }

std::int64_t memory_columns(const ModelOptions& options) {
  return options.attention_source == "all" ? std::int64_t{options.encoder_hidden} * options.encoder_layers
                                           : options.encoder_hidden;
}

namespace {

bool has_heads(const std::vector<const AttentionKind*>& kinds) {
  return std::any_of(kinds.begin(), kinds.end(), [](const AttentionKind* kind) { return kind->name == "multi-head"; });
}

/// The sum over positions is of the output layer: there is one of it.
void check_marginal(const ModelOptions& options) {
  const auto kinds = kinds_of(options.attention);
  const auto found = std::find_if(kinds.begin(), kinds.end(), [](const AttentionKind* kind) { return kind->marginal; });
  const bool head = has_heads(kinds) && find_attention(options.attention.score).marginal;
  if (found == kinds.end() && !head) return;
  const std::string name = head ? options.attention.score : (*found)->name;
  if (head || kinds.size() > 1 || options.attention.hops > 1 || options.attention_layers == "each") {
    throw UsageError(
        fmt::format("model.attention: '{}' sums over whole outputs and stands alone: not beside others, in hops, in "
                    "heads, or at each layer",
                    name));
  }
  if (options.copy != "none") {
    throw UsageError(fmt::format("model.copy points by soft attention and does not go together with '{}'", name));
  }
}

}  // namespace

std::vector<std::string> attention_layer_names(const ModelOptions& options) {
  std::vector<std::string> out;
  const auto kinds = kinds_of(options.attention);
  if (kinds.front()->make == nullptr) return out;
  const int layers = options.attention_layers == "each" ? options.decoder_layers : 1;
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

void check_attention(const ModelOptions& options) {
  check_marginal(options);
  const bool attends = kinds_of(options.attention).front()->make != nullptr;
  const ContextEntry entry = context_entry(options);
  if (!attends && options.attention_entry != "auto") {
    throw UsageError(
        fmt::format("model.attention.entry is '{}', but there is no context without attention (kind: none)",
                    options.attention_entry));
  }
  if (!attends && (options.bridge == "zero" || options.bridge == "learned")) {
    throw UsageError(
        fmt::format("model.decoder.bridge '{}' without attention (model.attention.kind: none): the decoder would know "
                    "nothing of the source",
                    options.bridge));
  }
  if (options.attention_entry == "input-feeding" && !options.input_feeding) {
    throw UsageError("model.attention.entry is 'input-feeding', but model.decoder.input_feeding is false");
  }
  if (options.attention_layers == "each" && entry != ContextEntry::kOutput) {
    throw UsageError(
        "model.attention.layers is 'each', where every layer hands its own context upwards: take model.attention.entry "
        "'input-feeding' or 'output-only'");
  }
  if (options.decoder_layers < 2 && (entry == ContextEntry::kFirstLayer || entry == ContextEntry::kAllLayers)) {
    throw UsageError(
        fmt::format("model.attention.entry '{}' hands the context of the first layer to those above: take "
                    "model.decoder.layers of 2 or more",
                    options.attention_entry));
  }
  // What widths and heads do not go together, the mechanisms themselves say.
  (void)make_attention("attention", {options.decoder_hidden, memory_columns(options)}, options.attention);
}

}  // namespace heed

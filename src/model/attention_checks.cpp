// Compositions of attention and decoder that make no sense.
#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/model/bridge.h"
#include "heed/model/context_entry.h"

namespace heed {
void check_attention(const ModelOptions& options) {
  const bool attends = has_attention(options.attention);
  const ContextEntryKind& entry = context_entry(options);
  if (!attends && options.attention_entry != kAuto) {
    throw UsageError(
        fmt::format("model.attention.entry is '{}', but there is no context without attention (kind: none)",
                    options.attention_entry),
        {.key = "model.attention.entry"});
  }
  if (!attends && !find_bridge(options.bridge).reads_source) {
    throw UsageError(
        fmt::format("model.decoder.bridge '{}' without attention (model.attention.kind: none): the decoder would know "
                    "nothing of the source",
                    options.bridge),
        {.key = "model.decoder.bridge"});
  }
  const bool feeds_alone = entry.feeds && entry.entry == ContextEntry::kOutput;
  if (feeds_alone && options.attention_entry != kAuto && !feeds_attentional(options)) {
    throw UsageError(fmt::format("model.attention.entry is '{}', but model.decoder.input_feeding is false", entry.name),
                     {.key = "model.attention.entry"});
  }
  if (options.attends_in_each_layer() && entry.asks != Asks::kAfterLastLayer) {
    throw UsageError(
        "model.attention.layers is 'each', where every layer passes its own context upwards: take "
        "model.attention.entry 'input-feeding' or 'output-only'",
        {.key = "model.attention.layers"});
  }
  if (options.decoder_layers < 2 && entry.enters_above) {
    throw UsageError(
        fmt::format("model.attention.entry '{}' passes the context of the first layer to those above: take "
                    "model.decoder.layers of 2 or more",
                    options.attention_entry),
        {.key = "model.attention.entry"});
  }
  // What widths and heads do not go together, the mechanisms themselves say.
  (void)make_attention("attention", {options.decoder_hidden, memory_columns(options)}, options.attention);
}

}  // namespace heed

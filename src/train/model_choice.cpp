#include "model_choice.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/model/context_entry.h"

namespace heed {
namespace {

constexpr int kManyTokens = 1000;  // letters, phones and tags are fewer, pieces and words of a language more

constexpr const char* kAsStarted = "the model that is started from has it";

/// Whether nothing else is set that goes with a mechanism.
bool leaves_attention(const ModelOptions& options) {
  const ModelOptions usual;
  return options.attention == usual.attention && options.attention_entry == usual.attention_entry &&
         options.attention_layers == usual.attention_layers && !options.input_feeding;
}

/// docs/training.md has what each kind reaches on words of letters and on sentences of pieces.
void choose_attention(ModelOptions& options, int tokens, const ModelOptions* start, const LogSink& log) {
  std::string& kind = options.attention.kind;
  if (kind != kAuto) return;
  const std::string usual = AttentionOptions{}.kind;
  if (!leaves_attention(options)) {
    kind = usual;
    return;
  }
  kind = start != nullptr ? start->attention.kind : tokens < kManyTokens ? "bahdanau" : usual;
  const std::string why = start != nullptr ? kAsStarted : fmt::format("the larger vocabulary has {} tokens", tokens);
  log(LogLevel::kInfo, fmt::format("model.attention.kind: {}, chosen as {}", kind, why));
}

/// By the data it ties only where that narrows no state: h~ becomes as wide as the embeddings.
void choose_tied(ModelOptions& options, const TextSide& source, const TextSide& target, const ModelOptions* start,
                 const LogSink& log) {
  if (options.tied != kAuto) return;
  const int tokens = target.vocabulary_size();
  const bool has_width = options.target_columns() == options.decoder_hidden;
  options.tied = start != nullptr ? start->tied : tokens >= kManyTokens && has_width ? "target" : "none";
  const bool may_tie_both = options.source_columns() == options.target_columns() && have_same_tokens(source, target);
  if (options.ties_both() && !may_tie_both) options.tied = "target";
  if (!options.ties_target()) return;
  const std::string why = start != nullptr ? kAsStarted : fmt::format("the target has {} tokens", tokens);
  log(LogLevel::kInfo, fmt::format("model.tied: {}, chosen as {}", options.tied, why));
}

}  // namespace

void choose_model(ModelOptions& options, const TextSide& source, const TextSide& target, const ModelOptions* start,
                  const LogSink& log) {
  choose_attention(options, std::max(source.vocabulary_size(), target.vocabulary_size()), start, log);
  choose_tied(options, source, target, start, log);
  settle_feeding(options);
}

}  // namespace heed

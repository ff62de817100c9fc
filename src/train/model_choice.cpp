#include "model_choice.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/model/context_entry.h"

namespace heed {
namespace {

// Letters, phones and tags are fewer, pieces and words of a language more.
constexpr int kManyTokens = 1000;
// Of less, bahdanau does not learn where to look before the rate falls.
constexpr std::size_t kManyPairs = 5000;

constexpr const char* kOfLetters = "bahdanau";

/// A key that is set and that `bahdanau` does not read, or nullptr.
const char* other_key(const ModelOptions& options) {
  if (options.attention.scale != AttentionOptions{}.scale) return "model.attention.scale";
  return options.attends_in_each_layer() ? "model.attention.layers" : nullptr;
}

struct Choice {
  const char* kind;
  std::string reason;
};

/// docs/training.md has what both kinds reach on words of letters and on sentences of pieces.
Choice kind_for(const ModelOptions& options, const TaskSizes& sizes) {
  const int tokens = std::max(sizes.source, sizes.target);
  if (const char* key = other_key(options)) return {kUsualAttention, fmt::format("{} is set", key)};
  if (tokens >= kManyTokens) {
    return {kUsualAttention, fmt::format("a vocabulary has {} tokens, {} or more", tokens, kManyTokens)};
  }
  if (sizes.pairs < kManyPairs) {
    return {kUsualAttention, fmt::format("there are {} training pairs, less than {}", sizes.pairs, kManyPairs)};
  }
  return {kOfLetters, fmt::format("no vocabulary has more than {} tokens", tokens)};
}

/// Only where that narrows no state, as h~ becomes as wide as the embeddings, and where nobody has plans for the table.
bool may_tie(const Config& config, const TaskSizes& sizes) {
  const ModelOptions& model = config.model;
  return sizes.target >= kManyTokens && model.target_columns() == model.decoder_hidden &&
         model.pretrained_target.empty() && config.training.freeze.empty();
}

}  // namespace

void choose_model(Config& config, const TaskSizes& sizes, const LogSink& log) {
  ModelOptions& model = config.model;
  if (model.attention.kind == kAuto) {
    const Choice choice = kind_for(model, sizes);
    model.attention.kind = choice.kind;
    log(LogLevel::kInfo, fmt::format("model.attention.kind: {}, chosen as {}", choice.kind, choice.reason));
  }
  if (model.tied == kAuto) {
    model.tied = may_tie(config, sizes) ? "target" : "none";
    if (model.ties_target())
      log(LogLevel::kInfo, fmt::format("model.tied: target, chosen as the target has {} tokens", sizes.target));
  }
  settle_feeding(model);
}

}  // namespace heed

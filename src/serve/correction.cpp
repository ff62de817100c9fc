#include "correction.h"

#include <fmt/format.h>

#include <algorithm>

#include "problem.h"

namespace heed::serve {
namespace {

std::size_t unknown_tokens(const Encoding& encoding) {
  return static_cast<std::size_t>(std::ranges::count(encoding.ids, Vocabulary::kUnknown));
}

/// What a training would leave out, or learn nothing good from.
void check_text(const char* name, const TextSide& side, const std::string& text, bool may_be_unknown) {
  const Encoding encoding = side.encode(text);
  const std::size_t tokens = encoding.ids.size(), unknown = unknown_tokens(encoding);
  const auto most = static_cast<std::size_t>(side.options().max_length);
  if (most > 0 && tokens > most) {
    throw unprocessable(fmt::format("'{}' has {} tokens; the model learns from {} at most", name, tokens, most));
  }
  if (unknown > (may_be_unknown ? tokens / 2 : 0)) {
    throw unprocessable(
        fmt::format("'{}' has {} of {} tokens that the model does not know: it must be written as the text "
                    "that the model was trained on",
                    name, unknown, tokens));
  }
}

}  // namespace

void check_texts(const Bundle& bundle, const std::vector<Correction>& corrections) {
  for (const Correction& correction : corrections) {
    check_text("source", bundle.source, correction.source, true);
    check_text("target", bundle.target, correction.target, bundle.config.model.copies());
  }
}

std::vector<SentencePair> pairs_of(const std::vector<Correction>& corrections, const Bundle& bundle) {
  const std::vector<FeatureOptions> features = bundle.source.options().features();
  std::vector<SentencePair> out;
  out.reserve(corrections.size());
  for (const Correction& correction : corrections) {
    out.push_back({.source = correction.source,
                   .target = correction.target,
                   .features = feature_values(features, correction.features, correction.source)});
  }
  return out;
}

}  // namespace heed::serve

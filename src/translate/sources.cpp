#include "sources.h"

#include <algorithm>

#include "heed/model/seq2seq.h"

namespace heed {
namespace {

const FeatureValues kNoFeatures;

bool copies(std::span<const Bundle> bundles) {
  return std::any_of(bundles.begin(), bundles.end(), [](const Bundle& b) { return b.model->output_kind().copies; });
}

/// The ids that the model reads; `out` gets the sentence's tokens. Empty for a blank sentence.
std::vector<int> read_sentence(const TextSide& side, const std::string& sentence, int max_tokens, Translated& out,
                               std::vector<Piece>& pieces) {
  out.source = sentence;
  const std::string_view front = TextSide::front(sentence, max_tokens);
  Encoding encoding = side.encode(front);
  if (encoding.ids.empty()) {
    out.translations.resize(1);
    return {};
  }
  const auto limit = static_cast<std::size_t>(max_tokens);
  if (front.size() < sentence.size()) out.tokens_cut = 1;  // at least
  if (max_tokens > 0 && encoding.ids.size() > limit) {
    out.tokens_cut = static_cast<int>(encoding.ids.size() - limit);
    encoding.ids.resize(limit);
    encoding.pieces.resize(limit);
  }
  for (const Piece& piece : encoding.pieces) out.source_tokens.push_back(piece.text);
  out.source_tokens.push_back(side.token(Vocabulary::kEnd));
  out.unknown_tokens = unknown_tokens(encoding.ids);
  out.source_ranges = ranges_of(encoding.pieces);
  out.source_ranges.emplace_back();
  pieces = std::move(encoding.pieces);
  return std::move(encoding.ids);
}

}  // namespace

int unknown_tokens(std::span<const int> ids) {
  return static_cast<int>(std::count(ids.begin(), ids.end(), Vocabulary::kUnknown));
}

Sources read_sentences(std::span<const Bundle> bundles, const TranslatedText& text, int max_tokens,
                       std::span<Translated> out) {
  Sources sources;
  const Bundle& bundle = bundles.front();
  const bool extend = copies(bundles);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < text.sentences.size(); ++i) {
    std::vector<int> ids = read_sentence(bundle.source, text.sentences[i], max_tokens, out[i], pieces);
    if (ids.empty()) {
      if (extend) out[i].translations.front().copied.emplace();
      continue;
    }
    const FeatureValues& features = text.features.empty() ? kNoFeatures : text.features[i];
    sources.features.push_back(bundle.source.feature_ids(text.sentences[i], pieces, features));
    if (extend) sources.extended.emplace_back(bundle.target, pieces);
    sources.places.push_back(i);
    sources.lengths.push_back(static_cast<int>(ids.size()));
    sources.ids.push_back(std::move(ids));
  }
  return sources;
}

}  // namespace heed

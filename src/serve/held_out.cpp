#include "held_out.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/data/pair_reader.h"
#include "heed/translate/translator.h"

namespace heed::serve {
namespace {

constexpr std::size_t kMost = 200;  // pairs: a second for a model of some millions of parameters

}  // namespace

Likelihood likelihood(const Bundle& bundle, std::span<const SentencePair> pairs, const std::atomic<bool>& stop) {
  Likelihood out;
  for (const Translated& scored : score_pairs(bundle, pairs, {.attention = false, .stop = &stop})) {
    const Translation& target = scored.translations.front();
    out.add({target.log_probability, static_cast<double>(target.tokens.size())});
  }
  return out;
}

CorpusFiles HeldOut::files_of(const Model& model) const {
  const DataOptions& data = model.bundle().config.data;
  for (const std::string& name : {model.name, std::string()}) {
    for (const HeldOutFiles& each : files_) {
      if (each.model != name) continue;
      CorpusFiles out;
      (each.target.empty() ? out.tsv : out.source) = each.source;
      out.target = each.target;
      return data.with_features(out);
    }
  }
  if (data.validation.empty()) {
    throw Error(
        fmt::format("the model '{}' cannot be kept from forgetting: its training held out a part of its own "
                    "text; name a held-out text for it",
                    model.name));
  }
  return data.with_features(data.validation);
}

const HeldOut::Text& HeldOut::of(const Model& model, const std::atomic<bool>& stop) {
  auto& [version, known] = texts_[model.name];
  if (version == model.version) return known;
  Text text;
  const CorpusFiles files = files_of(model);
  try {
    PairReader reader(files);
    while (text.pairs.size() < kMost) {
      const std::optional<PairLine> pair = reader.next_pair();
      if (!pair) break;
      text.pairs.emplace_back(*pair);
    }
  } catch (const Error& error) {
    throw Error(fmt::format("the model '{}' cannot be kept from forgetting: its held-out text cannot be read: {}",
                            model.name, error.what()));
  }
  text.perplexity = likelihood(model.bundle(), text.pairs, stop).perplexity();
  known = std::move(text);
  version = model.version;
  return known;
}

}  // namespace heed::serve

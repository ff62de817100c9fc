#include "held_out.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/data/pair_reader.h"
#include "heed/metrics/wer.h"
#include "heed/translate/translator.h"

namespace heed::serve {
namespace {

constexpr std::size_t kMost = 200;  // pairs: a second for a model of some millions of parameters

CorpusFiles files_of(const Model& model, const std::vector<HeldOutFiles>& held_out) {
  const DataOptions& data = model.bundle().config.data;
  for (const std::string& name : {model.name, std::string()}) {
    for (const HeldOutFiles& each : held_out) {
      if (each.model != name) continue;
      CorpusFiles out;
      (each.target.empty() ? out.tsv : out.source) = each.source;
      out.target = each.target;
      return data.with_features(out);
    }
  }
  if (data.validation.empty()) throw Error("its training held out a part of its own; name another");
  return data.with_features(data.validation);
}

/// Whether a training would keep it; what takes long to judge is left out too.
bool fits(const TextSide& side, std::string_view text) {
  constexpr std::size_t kMostTokens = 1000;
  const auto most = static_cast<std::size_t>(side.options().max_length);
  return side.encode(text).ids.size() <= (most > 0 ? std::min(most, kMostTokens) : kMostTokens);
}

/// A pipe would be waited for.
void check_regular(const CorpusFiles& files) {
  for (const std::string& name : {files.source, files.target, files.tsv}) {
    if (!name.empty() && std::filesystem::exists(name) && !std::filesystem::is_regular_file(name))
      throw Error::at({.file = name}, "is no regular file", ErrorKind::kSystem);
  }
}

}  // namespace

LogProbability log_probability(const Bundle& bundle, std::span<const SentencePair> pairs,
                               const std::atomic<bool>& stop) {
  LogProbability out;
  for (const Translated& scored : score_pairs(bundle, pairs, {.attention = false, .stop = &stop})) {
    const Translation& target = scored.translations.front();
    out.add({target.log_probability, static_cast<double>(target.tokens.size())});
  }
  return out;
}

std::vector<std::string> translations(const Bundle& bundle, std::span<const SentencePair> pairs, int beam,
                                      const std::atomic<bool>& stop) {
  std::vector<std::string> sources;
  std::vector<FeatureValues> features;
  sources.reserve(pairs.size());
  features.reserve(pairs.size());
  for (const SentencePair& pair : pairs) {
    sources.push_back(pair.source);
    features.push_back(pair.features);
  }
  std::vector<std::string> out;
  out.reserve(pairs.size());
  const Translator translator({bundle});
  for (const Translated& each : translator.translate(sources, {.beam = beam, .stop = &stop}, features))
    out.push_back(each.translations.front().text);
  return out;
}

std::vector<std::string> targets(const Bundle& bundle, std::span<const SentencePair> pairs) {
  std::vector<std::string> out;
  out.reserve(pairs.size());
  for (const SentencePair& pair : pairs) out.push_back(bundle.target.as_written(pair.target));
  return out;
}

Quality quality(const Bundle& bundle, std::span<const SentencePair> pairs, const std::atomic<bool>& stop) {
  return {log_probability(bundle, pairs, stop).perplexity(),
          wer(translations(bundle, pairs, 1, stop), {targets(bundle, pairs)}).score};
}

std::string why_not_learning(const Model& model, const std::vector<HeldOutFiles>& held_out) {
  if (!model.base.empty()) return "";
  if (model.bundles.size() > 1) return "it is an ensemble";
  // Of int8 no gradient leads to a better weight.
  if (stored_precision(model.directories.front()) == Precision::kInt8) return "its weights are kept as int8";
  try {
    const CorpusFiles files = files_of(model, held_out);
    check_regular(files);
    check_corpus(files);
    return "";
  } catch (const Error& error) {
    return fmt::format("its held-out text, by which it is known what a copy forgets: {}", error.what());
  }
}

const HeldOut::Text& HeldOut::of(const Model& model, const std::atomic<bool>& stop) {
  auto& [version, known] = texts_[model.name];
  if (version == model.version) return known;
  Text text;
  PairReader reader(files_of(model, files_));
  while (text.pairs.size() < kMost) {
    const std::optional<PairLine> pair = reader.next_pair();
    if (!pair) break;
    if (fits(model.bundle().source, pair->source) && fits(model.bundle().target, pair->target))
      text.pairs.emplace_back(*pair);
  }
  if (text.pairs.empty())
    throw Error(ErrorKind::kSystem,
                fmt::format("the held-out text of the model '{}' has no pair that it can read", model.name));
  text.by_model = quality(model.bundle(), text.pairs, stop);
  known = std::move(text);
  version = model.version;
  return known;
}

}  // namespace heed::serve

#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"
#include "heed/nn/attention.h"
#include "heed/translate/translator.h"
#include "numbered_side.h"
#include "test_seed.h"

namespace heed {

constexpr int kToySourceVocabulary = 23;
constexpr int kToyTargetVocabulary = 19;

inline ModelOptions toy_options(const std::string& attention, int hidden = 40) {
  ModelOptions out;
  out.embedding = 24;
  out.encoder_hidden = hidden;
  out.decoder_hidden = hidden;
  out.decoder_layers = 2;
  out.attention.kind = attention;
  out.attention.heads = 2;
  return out;
}

/// Packs the weights of a model that a test has made, or changed.
inline void pack(const Bundle& bundle, Precision precision) {
  std::const_pointer_cast<Seq2Seq>(bundle.model)->parameters().pack(precision, false);
}

/// A model with random weights, large enough that its choices differ from sentence to sentence.
inline Bundle toy_bundle(const ModelOptions& options, int seed = 1, int target_vocabulary = kToyTargetVocabulary) {
  Config config;
  config.model = options;
  Bundle bundle{config, numbered_side(kToySourceVocabulary), numbered_side(target_vocabulary),
                std::make_shared<Seq2Seq>(config.model, SourceTables(kToySourceVocabulary), target_vocabulary,
                                          test_seed(static_cast<std::uint64_t>(seed)))};
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 4.0F;
  }
  pack(bundle, Precision::kFloat32);
  return bundle;
}

inline Bundle toy_bundle(const std::string& attention, int seed = 1, int hidden = 40,
                         int target_vocabulary = kToyTargetVocabulary) {
  return toy_bundle(toy_options(attention, hidden), seed, target_vocabulary);
}

/// Sentences of 1 to `longest` tokens.
/// All attention mechanisms.
inline std::vector<std::string> mechanisms() {
  std::vector<std::string> out;
  for (const AttentionKind& kind : attention_kinds()) {
    if (kind.make != nullptr) out.push_back(kind.name);
  }
  return out;
}

inline std::vector<std::string> toy_sentences(int count, std::uint64_t seed = 7, std::uint64_t longest = 30) {
  Rng rng(test_seed(seed));
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const auto length = 1 + rng.below(longest);
    std::string sentence;
    for (std::uint64_t t = 0; t < length; ++t) {
      if (t > 0) sentence += ' ';
      sentence += std::to_string(3 + rng.below(kToySourceVocabulary - 3));
    }
    out.push_back(std::move(sentence));
  }
  return out;
}

/// The targets of score_pairs().
inline std::vector<Translation> score_targets(const Bundle& bundle, std::span<const SentencePair> pairs,
                                              const ScoreOptions& options = {}) {
  std::vector<Translation> out;
  for (const Translated& scored : score_pairs(bundle, pairs, options)) out.push_back(scored.translations.front());
  return out;
}

}  // namespace heed

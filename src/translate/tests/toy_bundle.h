#pragma once
#include <string>
#include <vector>

#include "heed/model/bundle.h"

namespace heed {

constexpr int kToySourceVocabulary = 23;
constexpr int kToyTargetVocabulary = 19;

/// A model with random weights, large enough that its choices differ from sentence to sentence.
inline Bundle toy_bundle(const std::string& attention, int seed = 1, int hidden = 40) {
  Config config;
  config.model.embedding = 24;
  config.model.encoder_hidden = hidden;
  config.model.decoder_hidden = hidden;
  config.model.decoder_layers = 2;
  config.model.attention = attention;
  Bundle bundle{config, TextSide::synthetic(kToySourceVocabulary), TextSide::synthetic(kToyTargetVocabulary),
                std::make_shared<Seq2Seq>(config.model, kToySourceVocabulary, kToyTargetVocabulary, seed)};
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 4.0F;
  }
  bundle.model->parameters().pack(Precision::kFloat32, false);
  return bundle;
}

/// Sentences of 1 to 30 tokens.
inline std::vector<std::string> toy_sentences(int count, std::uint64_t seed = 7) {
  Rng rng(seed);
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const auto length = 1 + rng.below(30);
    std::string sentence;
    for (std::uint64_t t = 0; t < length; ++t) {
      if (t > 0) sentence += ' ';
      sentence += std::to_string(3 + rng.below(kToySourceVocabulary - 3));
    }
    out.push_back(std::move(sentence));
  }
  return out;
}

}  // namespace heed

#include "heed/nn/normalizer.h"

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {

const std::vector<NormalizerKind>& normalizer_kinds() {
  static const std::vector<NormalizerKind> kinds = {
      {"softmax", "every position has a part", "Bridle 1990", &attention_softmax},
      {"sparsemax", "few positions have all; the others exactly 0", "Martins and Astudillo 2016", &attention_sparsemax},
      {"entmax15", "between the two: small parts are exactly 0", "Peters et al. 2019", &attention_entmax15},
  };
  return kinds;
}

const NormalizerKind& find_normalizer(const std::string& name) {
  std::vector<std::string> names;
  for (const NormalizerKind& kind : normalizer_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  const std::string near = did_you_mean(name, names);
  throw UsageError(
      fmt::format("unknown normaliser '{}'{}", name, near.empty() ? "; 'heed list normalizers' shows them" : near));
}

Normalizer::Normalizer(const AttentionOptions& options)
    : kind_(&find_normalizer(options.normalizer)), temperature_(static_cast<float>(options.temperature)) {}

Variable Normalizer::operator()(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                                std::span<const int> sentence, std::span<const PositionWindow> windows) const {
  return kind_->normalize(tape, scale(tape, scores, 1.0F / temperature_), sentences, sentence, windows);
}

}  // namespace heed

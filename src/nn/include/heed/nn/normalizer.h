#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/nn/attention_options.h"

namespace HEED_ENGINE_API heed {

/// One line of the table of normalisers.
struct NormalizerKind {
  std::string name;
  std::string description;
  std::string paper;
  /// The operation: attention_softmax() and the like.
  Variable (*normalize)(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                        std::span<const int> sentence, std::span<const PositionWindow> windows);
};
const std::vector<NormalizerKind>& normalizer_kinds();
/// Throws UsageError with the nearest name.
const NormalizerKind& find_normalizer(const std::string& name);

/// Turns each row's scores, divided by the temperature, into weights.
class Normalizer {
 public:
  explicit Normalizer(const AttentionOptions& options);
  /// [n, longest] to [n, longest]; exactly 0 beyond a row's sentence or window, and where a score is -infinity.
  Variable operator()(Tape& tape, const Variable& scores, const SentenceRows& sentences, std::span<const int> sentence,
                      std::span<const PositionWindow> windows = {}) const;

 private:
  const NormalizerKind* kind_;
  float temperature_;
};

}  // namespace heed

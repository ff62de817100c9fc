#pragma once
#include <atomic>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/data/corpus.h"
#include "lesson.h"
#include "model_table.h"

namespace heed::serve {

/// How probable the targets are.
LogProbability log_probability(const Bundle& bundle, std::span<const SentencePair> pairs,
                               const std::atomic<bool>& stop);

/// What it translates them to; greedily with a beam of 1.
std::vector<std::string> translations(const Bundle& bundle, std::span<const SentencePair> pairs, int beam,
                                      const std::atomic<bool>& stop);
/// As the model writes them.
std::vector<std::string> targets(const Bundle& bundle, std::span<const SentencePair> pairs);
Quality quality(const Bundle& bundle, std::span<const SentencePair> pairs, const std::atomic<bool>& stop);

/// Why the model can neither learn nor be copied; empty: it can.
std::string why_not_learning(const Model& model, const std::vector<HeldOutFiles>& held_out);

/// Pairs by which models are judged that learn: for each model the first of some files. From one thread.
class HeldOut {
 public:
  explicit HeldOut(std::vector<HeldOutFiles> files) : files_(std::move(files)) {}

  struct Text {
    std::vector<SentencePair> pairs;
    Quality by_model;
  };
  /// Of the model's files, or those of all, or of its training's validation; read and judged once for each model.
  /// Throws Error that names what is missing.
  const Text& of(const Model& model, const std::atomic<bool>& stop);

 private:
  const std::vector<HeldOutFiles> files_;
  std::map<std::string, std::pair<std::string, Text>> texts_;  // with the models' versions, by their names
};

}  // namespace heed::serve

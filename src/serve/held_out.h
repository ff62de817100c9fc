#pragma once
#include <atomic>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "heed/data/corpus.h"
#include "model_table.h"
#include "project.h"

namespace heed::serve {

/// How probable the targets are.
Likelihood likelihood(const Bundle& bundle, std::span<const SentencePair> pairs, const std::atomic<bool>& stop);

/// Pairs by which models are judged that learn: for each model the first of some files. From one thread.
class HeldOut {
 public:
  explicit HeldOut(std::vector<HeldOutFiles> files) : files_(std::move(files)) {}

  struct Text {
    std::vector<SentencePair> pairs;
    double perplexity = 0;  ///< by the model
  };
  /// Of the model's files, or those of all, or of its training's validation; read and judged once for each model.
  /// Throws Error that names what is missing.
  const Text& of(const Model& model, const std::atomic<bool>& stop);

 private:
  CorpusFiles files_of(const Model& model) const;

  const std::vector<HeldOutFiles> files_;
  std::map<std::string, std::pair<std::string, Text>> texts_;  // with the models' versions, by their names
};

}  // namespace heed::serve

#pragma once
#include <atomic>
#include <filesystem>
#include <span>
#include <string>

#include "heed/data/corpus.h"
#include "heed/model/bundle.h"

namespace heed::serve {

/// A few updates of a model on a few pairs: plain gradient descent, whose steps are as long as the pairs are
/// surprising, which is what works best for one sentence after the other (Turchi et al. 2017, "Continuous learning from
/// human post-edits for neural machine translation"; Peris and Casacuberta 2019, "Online learning for effort reduction
/// in interactive neural machine translation").
struct Teaching {
  std::string program;         ///< whose `train` computes them
  std::filesystem::path from;  ///< bundle
  const Config& config;        ///< of the bundle
  std::span<const SentencePair> pairs;
  double rate = 0;
  int updates = 0;
  std::filesystem::path work;  ///< folder for its files
};

/// Returns the folder of the new bundle. Throws Error with what the training said, if it failed, and Cancelled.
std::filesystem::path teach(const Teaching& teaching, const std::atomic<bool>& stop);

/// Half way back to the model that a copy was at first: what both know stays, and half of what was learnt for what was
/// forgotten (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Returns the folder of the new bundle.
std::filesystem::path pull_back(const Teaching& teaching, const std::filesystem::path& copy,
                                const std::filesystem::path& base, const std::atomic<bool>& stop);

/// The pairs as a file of columns with tabs between them, and which columns they are: those of the source's features
/// are where the config says.
struct Columns {
  std::string text;
  std::vector<int> of_pair;  ///< source and target
};
Columns columns_of(std::span<const SentencePair> pairs, const TextOptions& source);

}  // namespace heed::serve

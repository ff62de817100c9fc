#pragma once
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/data/training_data.h"
#include "heed/metrics/registry.h"
#include "heed/model/bundle.h"
#include "heed/train/trainer.h"
#include "heed/train/updater.h"

namespace heed {

/// Thrown where a training, or judge(), is asked to stop; nothing of a validation counts then. No std::exception:
/// nothing failed.
struct Stopped {};

/// A model that is judged.
struct Candidate {
  const Config& config;
  const TrainingData& data;  ///< which has its sides
  const std::shared_ptr<Seq2Seq>& model;
  Updater& updater;
  std::span<const Bundle> ensemble = {};  ///< training.validation_ensemble
  Ranks* ranks = nullptr;                 ///< that judge it together
};

/// The bundles of training.validation_ensemble. Throws UsageError for one that cannot translate with `own`.
std::vector<Bundle> load_ensemble(const std::vector<std::string>& directories, const Bundle& own);

struct Judged {
  ValidationResult result;
  std::size_t sentences = 0;        ///< of the text, whether or not they were translated
  std::vector<MetricValue> values;  ///< of result.metrics, with their signatures
};

/// Perplexity by teacher forcing; validation_metrics(), and how sharp attention is, by translation with the code that
/// serves users, compared with references as the target side would write them. Without metrics nothing is translated.
/// An ensemble translates together; perplexity is of the model alone.
Judged judge(const HeldOut& text, const Candidate& candidate, const std::atomic<bool>& stop);

/// What to say at the start of how validation judges: its search, and what its BLEU cuts text with.
std::string judging_text(const Config& config);

/// How many validation pairs are longer than max_length; empty if none.
std::string long_validation_pairs(const TrainingData& data);

/// How many translations of a validation the length limit ended; empty if none.
std::string cut_answers(const ValidationResult& result, const DataOptions& data);

}  // namespace heed

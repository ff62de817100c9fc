#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "heed/data/fingerprint.h"
#include "heed/model/bundle.h"
#include "heed/train/position.h"
#include "heed/train/updater.h"

namespace heed {

/// What a training that goes on must find as it was: its data, and the models of training.validation_ensemble.
DataFingerprint fingerprint_of(const Config& config, const TrainingData& data);

/// Reads and writes the directory of a run: bundle of the best model, training_state/ of the last.
class Checkpoint {
 public:
  Checkpoint(const Config& config, const TrainingData& data, TrainingMode mode)
      : directory_(config.output),
        config_(config),
        data_(data),
        fingerprint_(fingerprint_of(config, data)),
        mode_(mode),
        kept_(mode == TrainingMode::kNew ? std::vector<long>()
                                         : kept_bundles(directory_).value_or(std::vector<long>())) {}

  /// Throws Error if there is no room for a save: on the disk, or where checkpoints/ is to be.
  void check_room(const Seq2Seq& model, Updater& updater) const;
  /// What a save writes beside the state.
  struct Written {
    bool best = false;       ///< the model as the run's bundle; otherwise that stays what it was
    bool validated = false;  ///< after a validation, the last of the position: the bundles in checkpoints/ are those
                             ///< that training.keep_last and keep_best have now
  };
  /// Replaces the directory as a whole; files that are not of a run stay. A run that is to be replaced stays as it is
  /// until the first validation: before it, the new one is written beside it. Bundles have the average of the weights,
  /// if there is one. In checkpoints/ what no training made stays; what has the name of a new bundle, with a ~ behind
  /// it. Returns where it was written to.
  std::filesystem::path save(Seq2Seq& model, Updater& updater, const TrainingPosition& position,
                             std::string_view history, const Written& written);
  /// Throws Error if there is nothing to go on from, if it is damaged or does not fit, or if the data are others now.
  TrainingPosition load(Seq2Seq& model, Updater& updater) const;
  /// Gives the model the weights of the best bundle. Throws Error if that is damaged.
  void load_best(Seq2Seq& model) const;
  /// The lines of the run's history; none if it has none.
  std::string history() const;

 private:
  /// Which bundles a save writes, and which of earlier ones go.
  struct Bundles {
    bool best = false;
    std::vector<long> kept;       // in checkpoints/
    std::vector<long> made = {};  // one of them, or none
    bool keeps(long update) const { return std::find(kept.begin(), kept.end(), update) != kept.end(); }
  };
  Bundles bundles_of(const TrainingPosition& position, const Written& written) const;
  void write_bundles(const std::filesystem::path& to, Seq2Seq& model, Updater& updater, bool fresh,
                     const Bundles& bundles) const;
  std::vector<std::string> gone(const Bundles& bundles) const;
  std::filesystem::path directory_;
  const Config& config_;
  const TrainingData& data_;
  const DataFingerprint fingerprint_;
  TrainingMode mode_;
  std::vector<long> kept_;  // updates of the bundles in checkpoints/ that a training made
};

/// Throws Error if a directory has no state of a training, with the moments of its optimizer.
void check_has_moments(const std::filesystem::path& directory);

/// Reads the moments of the optimizer of the run in `directory` into arrays of their sizes. Returns the updates that
/// they are of, with those of the run that it had them from. Throws Error if there is no state, or if it has no such
/// moments.
long read_moments(const std::filesystem::path& directory, const std::vector<std::pair<std::string, Tensor>>& into);

/// Throws UsageError unless a new run may be written there: to a new or empty directory, or (kReplace) in place of
/// another run. Returns kNew where there is none to replace.
TrainingMode check_output(const std::filesystem::path& directory, TrainingMode mode);

/// What is wrong with the bundle of a run's best model; empty if it is whole.
std::string fault_of_bundle(const std::filesystem::path& directory);

/// The config of the run in `directory`, with what was chosen for `auto`.
Config run_config(const std::filesystem::path& directory);

}  // namespace heed

#pragma once
#include <filesystem>
#include <string>

#include "heed/data/training_data.h"
#include "heed/model/config.h"
#include "heed/products/precision.h"
#include "heed/train/trainer.h"

// What a run that is resumed takes over from before, and what its config may not change.
namespace heed {

/// What stands for `auto` in data.max_output: a limit for the pairs that are trained on; a run that is resumed keeps
/// its own.
std::string chosen_limit(const Config& config, const TrainingData& data, TrainingMode mode);

/// For training.threads: auto. Weights depend on the number, so a run keeps the one that it began with, on whatever
/// machine it goes on.
int choose_threads(const std::filesystem::path& directory, bool resume);
/// Likewise for training.precision: auto.
Precision choose_precision(const std::filesystem::path& directory, bool resume);

/// Throws UsageError if data or model of a config are not those of the run in `directory`.
void check_same_run(const Config& config, const std::filesystem::path& directory);

/// Checks a config that is to go on with the run in its output, and gives it what the run began with where it leaves
/// the choice to the program. Returns the report of a run that is at its end already; `was_finished` is false if there
/// is something to do. Throws UsageError as check_same_run() does, and Error if the run is done but its model is lost.
TrainingReport take_over(Config& config);

}  // namespace heed

#pragma once
#include "heed/base/export.h"

/// Names of the files of a bundle, and of the run that it is a part of.
namespace HEED_ENGINE_API heed {

// A bundle. Beside these its vocabularies (TextSide::save) and Checksums::kFile.
inline constexpr const char* kConfigFile = "config.yaml";
inline constexpr const char* kParametersFile = "parameters.safetensors";  ///< also of a training's state
inline constexpr const char* kSourceStem = "source";
inline constexpr const char* kTargetStem = "target";

// A run, beside its bundle.
inline constexpr const char* kTrainingLog = "train.jsonl";
inline constexpr const char* kTestFile = "test.json";
/// The folder of bundles of further validations, each named by its update.
inline constexpr const char* kCheckpoints = "checkpoints";
/// The folder of event files for TensorBoard, where training.tensorboard names no other.
inline constexpr const char* kEventFolder = "tensorboard";
/// The folder of a training's state, for --resume.
inline constexpr const char* kTrainingState = "training_state";

// In that folder.
inline constexpr const char* kPositionFile = "position.json";
inline constexpr const char* kMomentsFile = "optimizer.safetensors";
inline constexpr const char* kHistoryFile = "history.jsonl";
inline constexpr const char* kNotFiniteMark = "not_finite";

}  // namespace heed

#pragma once
#include <filesystem>
#include <string>

#include "heed/train/updater.h"

// What is not finite would not load again: nothing of it is saved, and the last state stays.
namespace heed {

/// The name of an array of the model or of its optimizer that holds a number that is not finite; empty if there is
/// none.
std::string array_not_finite(const Seq2Seq& model, Updater& updater);

/// Marks the state in the directory of a run, if there is one, so that it may go on with a smaller rate
/// (TrainingPosition::not_finite). The next save removes the mark. Returns whether there is a state.
bool mark_not_finite(const std::filesystem::path& run);
bool is_marked_not_finite(const std::filesystem::path& run);

}  // namespace heed

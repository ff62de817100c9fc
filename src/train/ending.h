#pragma once
#include <filesystem>
#include <string>

#include "heed/train/position.h"
#include "heed/train/trainer.h"

namespace heed {

/// Why a training that stands there is at its end ("training.epochs: all 20 are done"); empty if it goes on. `best_by`
/// is what early_stop judges by.
std::string ended_by(const TrainingPosition& position, const TrainingOptions& options, const std::string& best_by);

/// How many validations were due since the best of these, by best_by and perplexity. Those that were made because
/// max_minutes, or the training, ended do not count (ValidationResult::cut).
int validations_without_better(const std::vector<ValidationResult>& validations, const std::string& best_by);

/// What speaks against the models of a training: that it came apart, or learnt nothing after its first validation;
/// empty if nothing does.
std::string doubt_of(const std::vector<ValidationResult>& validations, int target_vocabulary);

/// All of that, and the best. Without the size of the target vocabulary (0) models are not doubted.
TrainingReport report_of(const TrainingPosition& position, const TrainingOptions& options, const std::string& best_by,
                         int target_vocabulary);

/// What can be done with a state that was saved there, in the words of who started the training.
std::string way_on(const TrainingOrigin& origin, const std::filesystem::path& saved, const std::string& setting);
/// What stands on the disk of a run, and how it goes on, whatever a process that was lost left there.
std::string saved_state(const std::filesystem::path& run, const TrainingOrigin& origin);

/// What to say of a training that was stopped and whose state is in `saved`.
std::string stopped_text(const std::filesystem::path& output, const std::filesystem::path& saved, long updates,
                         const std::string& way_on);

}  // namespace heed

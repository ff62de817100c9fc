#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/model/config.h"
#include "heed/text/text_side.h"
#include "heed/translate/translator.h"

namespace HEED_API heed {

/// What becomes of a run that stands at the output.
enum class TrainingMode {
  kNew,      ///< none may stand there
  kResume,   ///< it goes on
  kReplace,  ///< it makes way for a new one, once that has been validated
};

/// Said once, when all is ready for the first update.
struct TrainingStart {
  bool resumed = false;
  int epoch = 0;    ///< epochs that are done
  long update = 0;  ///< updates that are done
  long parameters = 0;
  std::string precision;  ///< "float32" or "bfloat16"
  bool replaces = false;  ///< until the first validation an earlier run stands at the output
};

/// Where a training stands, told after every update.
struct TrainingProgress {
  int epoch = 1;  ///< from 1
  int epochs = 1;
  long update = 0;
  int batch = 0;  ///< batches of this epoch that are done
  int batches = 0;
  double loss = 0;         ///< mean per target token of this epoch so far, natural logarithm
  double update_loss = 0;  ///< likewise of this update alone
  double learning_rate = 0;
  double gradient_norm = 0;
  double target_tokens_per_second = 0;  ///< of this epoch so far
  double seconds = 0;                   ///< since the start, earlier runs of a resumed training included
  double seconds_left = 0;              ///< an estimate
};

/// What a validation found.
struct ValidationResult {
  int epoch = 0;
  long update = 0;
  double train_loss = 0;  ///< mean per target token of the epoch
  double perplexity = 0;  ///< on the validation set
  double bleu = 0;        ///< of its greedy translation, percent
  double accuracy = 0;    ///< share of lines that are exactly right, percent
  double learning_rate = 0;
  double seconds = 0;
  bool best = false;  ///< the bundle that was written
  bool cut = false;   ///< within an epoch that training.max_minutes cut short
  // Of the greedy translations, over their target positions; 0 without attention
  // (heed/translate/attention_statistics.h):
  double attention_entropy = 0;   ///< bits
  double attention_maximum = 0;   ///< what the entropy could be at most
  double attention_movement = 0;  ///< 0: all positions of a sentence look alike, to 1: each at places of its own
  int answers = 0;                ///< sentences that were translated
  int cut_answers = 0;            ///< of them those whose translation the length limit ended
};

/// A validation sentence with its greedy translation; the same sentences at each validation.
struct ValidationSample {
  std::string reference;
  Translated translated;  ///< one translation, with attention if the model attends
};

/// The model at a validation, for observers that look into it. Valid during the call.
struct ValidationView {
  const ValidationResult& result;
  std::span<const ValidationSample> samples;
  const Seq2Seq& model;
  const TextSide& source;
  const TextSide& target;
};

struct TrainerEvents {
  /// The output is this training's; the file says so to others (heed/base/directory_lock.h).
  std::function<void(const std::filesystem::path&)> locked = {};
  std::function<void(const TrainingStart&)> started = {};
  std::function<void(const TrainingProgress&)> progress = {};
  /// After the directory was written.
  std::function<void(const ValidationResult&)> validated = {};
  std::function<void(const ValidationView&)> inspected = {};  ///< right after `validated`
  LogSink log = {};
};

/// What the history of a run tells of the program that made it.
struct TrainingOrigin {
  std::string version;
  std::vector<std::string> command;
  std::string resume_command = {};  ///< what messages say to go on with
};

struct TrainerOptions {
  TrainingMode mode = TrainingMode::kNew;
  /// Training ends after the update, or within the validation, at hand when this becomes true; nullptr: never.
  const std::atomic<bool>* stop = nullptr;
  TrainerEvents events = {};
  TrainingOrigin origin = {};  ///< with it the run's history (heed/train/history.h) begins
};

struct TrainingReport {
  std::vector<ValidationResult> validations;
  ValidationResult best;
  std::string best_by;        ///< what `best` was chosen by: bleu, perplexity or accuracy
  std::string ended_by;       ///< why training ended: the key of the config, and how; where the state is if `stopped`
  bool stopped = false;       ///< by TrainerOptions::stop: kResume goes on
  bool was_finished = false;  ///< the run was at its end already: nothing was done, nothing changed
  std::string doubt;          ///< what speaks against the model: training came apart; empty if nothing does
};

/// Trains as the config says, into the directory config.output: a bundle of the best model so far, with
/// training_state/ beside it for going on. After every validation the directory is replaced as a whole: whenever the
/// process dies, a complete one stands there. Throws UsageError if something stands there that the mode does not allow,
/// and Error if another process trains there.
///
/// kResume goes on from training_state/ and ends, to the bit, where an uninterrupted training with the same number of
/// threads would have ended; so does a run that max_minutes ended and that is given more, in the middle of its epoch.
/// Where decay_after_minutes is set the rate goes by the clock, and nothing is promised to the bit. Given more
/// epochs under decay_after_epochs, a rate that had fallen rises to what it is there in the longer training: a warning.
/// A run that is at its end is left as it is. kReplace leaves the run that stands there untouched until the first
/// validation. Asked to stop, it writes the state (by kReplace before the first validation: to the folder
/// config.output + ".new"). Where a loss or gradient is not finite, the state before is written, and Error is thrown:
/// from there kResume may go on with another learning_rate and clip_norm. OUTPUT/train.jsonl tells of each event.
TrainingReport train(const Config& config, const TrainerOptions& options = {});

}  // namespace heed

#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/model/config.h"
#include "heed/text/text_side.h"
#include "heed/translate/translator.h"

namespace HEED_API heed {

class Ranks;

/// What happens to a run in the output directory.
enum class TrainingMode {
  kNew,      ///< an error if there is one
  kResume,   ///< continue it
  kReplace,  ///< replace it, once the new one has been validated
};

/// Emitted once, before the first update.
struct TrainingStart {
  bool resumed = false;
  int epoch = 0;    ///< epochs that are done
  long update = 0;  ///< updates that are done
  long parameters = 0;
  std::string precision;  ///< "float32" or "bfloat16"
  bool replaces = false;  ///< until the first validation an earlier run stays in the output
};

/// Progress, emitted after every update that was applied.
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
  double target_tokens_per_second = 0;  ///< of this epoch so far, without validations
  double seconds = 0;                   ///< since the start, earlier runs of a resumed training included
  double seconds_left = 0;              ///< an estimate, with validations as long as those of this process
};

/// The result of a validation.
struct ValidationResult {
  int epoch = 0;
  long update = 0;
  double train_loss = 0;  ///< mean per target token of the epoch
  double perplexity = 0;  ///< on the validation set
  /// Of its translation, percent, by the names of heed/metrics/registry.h: validation_metrics().
  std::vector<std::pair<std::string, double>> metrics = {};
  double learning_rate = 0;
  double seconds = 0;
  bool best = false;  ///< its bundle was written
  bool cut = false;   ///< where the training, or its time, ended and no validation was due
  // Of the translations, over their target positions; 0 without attention
  // (heed/translate/attention_statistics.h):
  double attention_entropy = 0;   ///< bits
  double attention_maximum = 0;   ///< maximum of the entropy
  double attention_movement = 0;  ///< AttentionStatistics::movement()
  int answers = 0;                ///< translated sentences
  int cut_answers = 0;            ///< of them those cut at the length limit

  /// Perplexity or one of `metrics` by its name; NaN if it was not computed.
  double value(std::string_view name) const;
};

/// A validation sentence with its translation; the same sentences at each validation.
struct ValidationSample {
  std::string reference;
  Translated translated;  ///< one translation, with attention if the model attends
};

/// The model at a validation, for observers. Valid during the call.
struct ValidationView {
  const ValidationResult& result;
  std::span<const ValidationSample> samples;
  const Seq2Seq& model;
  const TextSide& source;
  const TextSide& target;
  /// Of the last update, before clipping, as ParameterList::offset() has it; empty where this process has made none, or
  /// skipped it.
  std::span<const float> gradient = {};
};

struct TrainerEvents {
  /// The output directory was locked; what was made for that (heed/base/directory_lock.h).
  std::function<void(const std::vector<std::filesystem::path>&)> locked = {};
  std::function<void(const TrainingStart&)> started = {};
  std::function<void(const TrainingProgress&)> progress = {};
  /// After the directory was written.
  std::function<void(const ValidationResult&)> validated = {};
  std::function<void(const ValidationView&)> inspected = {};  ///< right after `validated`
  LogSink log = {};
};

/// The program, for the history of a run.
struct TrainingOrigin {
  std::string version;
  std::vector<std::string> command;
  /// The command to resume the run in a directory, for messages; `setting` is "key=value" to resume it with, or empty.
  std::function<std::string(const std::filesystem::path& run, const std::string& setting)> resume_command = {};
};

struct TrainerOptions {
  TrainingMode mode = TrainingMode::kNew;
  /// Training ends after the update, or within the validation, at hand when this becomes true; nullptr: never.
  const std::atomic<bool>* stop = nullptr;
  TrainerEvents events = {};
  TrainingOrigin origin = {};  ///< with it the run's history (heed/train/history.h) begins
  /// The processes that train together (heed/ranks/ranks.h); nullptr: this one alone. All call train() with the same
  /// config and mode; rank 0 alone writes, and has events, `started` apart. What ends one ends all.
  Ranks* ranks = nullptr;
};

struct TrainingReport {
  std::vector<ValidationResult> validations;
  ValidationResult best;
  std::string best_by;        ///< criterion of `best`: perplexity, or the name of a metric
  std::string ended_by;       ///< why training ended: the key of the config, and how; where the state is if `stopped`
  bool stopped = false;       ///< by TrainerOptions::stop; kResume continues
  bool was_finished = false;  ///< the run was finished already; nothing changed
  double epochs = 0;          ///< that are done, as all that follows of earlier processes too
  long updates = 0;
  double seconds = 0;
  long skipped = 0;                     ///< updates that were left out
  double target_tokens_per_second = 0;  ///< mean of this process, without validations
  std::string doubt;                    ///< why the model may be bad (training diverged); or empty
};

/// Trains into the directory config.output: a bundle of the best model so far, with training_state/ for resuming. After
/// every validation the directory is replaced as a whole: whenever the process dies, it is complete. Throws UsageError
/// if the mode does not allow what is there, and Error if another process trains there.
///
/// kResume continues from training_state/ and ends with the bytes of an uninterrupted training with the same workers
/// and groups, also after max_minutes; not so with decay_after_minutes, which follows the clock. Given more epochs
/// under decay_after_epochs, the rate rises again, with a warning. A finished run is left as it is. kReplace leaves the
/// existing run untouched until the first validation. Asked to stop, training writes the state (kReplace before the
/// first validation: to the folder config.output + ".new"). If a loss or gradient is not finite, it writes the state
/// before and throws Error; from there kResume accepts another learning_rate and clip_norm. OUTPUT/train.jsonl gets a
/// line for each event.
TrainingReport train(const Config& config, const TrainerOptions& options = {});

}  // namespace heed

#include "checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "event_log.h"
#include "finite.h"
#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/base/processors.h"
#include "heed/base/regular_file.h"
#include "heed/base/settings.h"
#include "heed/data/pair_cache.h"
#include "heed/kernels/elementwise.h"
#include "heed/model/file_names.h"
#include "heed/model/output.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "history_writer.h"
#include "position_json.h"
#include "selection.h"
#include "test_report.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<std::string, Tensor>> arrays_of(const ParameterList& parameters) {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const Parameter* parameter : parameters.all()) out.emplace_back(parameter->name, parameter->value.view());
  return out;
}

/// For readers of the optimizer's arrays, which have all parameters in one row: where each begins, its rows and
/// columns.
std::map<std::string, std::string> places_of(const ParameterList& parameters) {
  std::map<std::string, std::string> out = {{"format", "heed"}};
  for (const Parameter* p : parameters.all())
    out[p->name] = fmt::format("{} {} {}", parameters.offset(p->index), p->rows(), p->columns());
  return out;
}

// Where a run that is to take another's place is written before its first validation.
fs::path beside(const fs::path& directory) { return without_slash(directory) += ".new"; }

// Arrays as a state holds them: unchanged since, and finite.
class StateArrays {
 public:
  StateArrays(const fs::path& state, const char* name, const Checksums& sums) : path_(state / name), file_(path_) {
    const std::span<const char> bytes = file_.file()->bytes();
    sums.check(name, {bytes.data(), bytes.size()});
  }
  bool has(const std::string& name) const { return file_.has(name); }
  void read(const std::string& name, const Tensor& into) const {
    file_.read(name, into);
    if (all_finite(into.data, into.size())) return;
    throw Error::at({.file = path_.string()}, fmt::format("array '{}' holds a number that is not finite", name),
                    ErrorKind::kModel);
  }

 private:
  fs::path path_;
  SafetensorsReader file_;
};

SavedPosition load_position(const fs::path& directory) {
  const fs::path state = directory / kTrainingState;
  if (!has_position(directory)) {
    throw Error(ErrorKind::kModel, directory.string() + " has no training_state to resume from: train it anew first",
                {.file = directory.string()});
  }
  const std::string text = read_regular_file(state / kPositionFile);
  Checksums::load(state).check(kPositionFile, text);
  try {
    SavedPosition out = position_from_text(text);
    out.position.not_finite |= is_marked_not_finite(directory);
    return out;
  } catch (const Error& error) {
    throw Error::at({.file = (state / kPositionFile).string()}, fmt::format("damaged: {}", error.what()),
                    ErrorKind::kModel);
  }
}

// For messages.
std::string held_by(const fs::path& directory) try {
  if (!fs::exists(directory / kTrainingState)) return "a model (without a training_state)";
  const SavedPosition saved = position_from_text(read_regular_file(directory / kTrainingState / kPositionFile));
  return fmt::format("a run (epoch {}, update {})", saved.position.epoch, saved.position.updates);
} catch (const std::exception&) {
  return "a run (whose training_state is damaged)";
}

}  // namespace

void Checkpoint::check_room(const Seq2Seq& model, Updater& updater) const {
  const bool keeps = config_.training.keep_last > 0 || config_.training.keep_best > 0;
  if (const fs::path folder = directory_ / kCheckpoints;
      keeps && fs::exists(fs::symlink_status(folder)) && !fs::is_directory(fs::symlink_status(folder))) {
    throw Error(ErrorKind::kSystem, fmt::format("'{}' is no directory, where bundles are to be kept", folder.string()),
                {.file = folder.string()});
  }
  constexpr std::uintmax_t kKilobyte = 1024;
  // Of the bundle, of the state, and of the bundles that are kept.
  std::uintmax_t numbers = static_cast<std::uintmax_t>(model.parameter_count()) *
                           static_cast<std::uintmax_t>(2 + config_.training.keep_last + config_.training.keep_best);
  for (const auto& [name, tensor] : updater.state()) numbers += static_cast<std::uintmax_t>(tensor.size());
  constexpr std::uintmax_t kSmallFiles = 48 * kKilobyte;  // a dozen, of whole blocks
  const std::uintmax_t needed = numbers * sizeof(float) + kSmallFiles;
  std::error_code unknown;
  const fs::path directory = directory_behind(directory_);
  const fs::space_info room = fs::space(fs::absolute(directory).parent_path(), unknown);
  // From the second save on the one before stands beside the new one until that is whole.
  const bool stands = mode_ == TrainingMode::kResume;
  if (unknown || room.available >= (stands ? needed : 2 * needed)) return;
  throw Error(ErrorKind::kSystem,
              fmt::format("cannot train into '{}': a save takes {} KB, {}the disk has {} KB", directory_.string(),
                          needed / kKilobyte, stands ? "" : "twice that while it replaces the one before, ",
                          room.available / kKilobyte),
              {.file = directory_.string()});
}

namespace {

/// The updates of the validations whose models are kept: the newest, and the best.
std::vector<long> kept_updates(std::vector<ValidationResult> validations, const TrainingOptions& training) {
  std::vector<long> out;
  const auto take = [&](int count) {
    const auto most = std::min(validations.size(), static_cast<std::size_t>(count));
    for (auto v = validations.rbegin(); v != validations.rbegin() + static_cast<std::ptrdiff_t>(most); ++v) {
      if (std::find(out.begin(), out.end(), v->update) == out.end()) out.push_back(v->update);
    }
  };
  take(training.keep_last);
  std::stable_sort(validations.begin(), validations.end(),
                   [&](const auto& a, const auto& b) { return is_better(b, a, training.best_by); });
  take(training.keep_best);
  return out;
}

bool is_kept_bundle(const fs::path& folder) try { return is_bundle(folder); } catch (const Error&) {
  return false;  // whatever it is, no training made it
}

/// What stands where a bundle is to be, and is none of a training's, goes out of its way.
void make_way(const fs::path& place) {
  if (!fs::exists(fs::symlink_status(place))) return;
  fs::path aside = place;
  while (fs::exists(fs::symlink_status(aside))) aside += "~";
  fs::rename(place, aside);
}

std::string folder_of(long update) { return (fs::path(kCheckpoints) / std::to_string(update)).string(); }

}  // namespace

DataFingerprint fingerprint_of(const Config& config, const TrainingData& data) {
  DataFingerprint out = fingerprint(data);
  std::string sums;
  for (const std::string& directory : config.training.validation_ensemble)
    sums += checksum(read_regular_file(fs::path(directory) / kParametersFile, kAnySize)) + "\n";
  if (!sums.empty()) out.ensemble = checksum(sums);
  return out;
}

Checkpoint::Bundles Checkpoint::bundles_of(const TrainingPosition& position, const Written& written) const {
  const std::size_t earlier = position.validations.size() - (written.validated ? 1 : 0);
  const bool replaces = mode_ == TrainingMode::kReplace && earlier == 0;
  const std::vector<long> old = replaces ? std::vector<long>() : kept_;
  if (!written.validated) return {written.best, old};
  Bundles out{written.best, {}};
  for (const long update : kept_updates(position.validations, config_.training)) {
    const bool is_old = std::find(old.begin(), old.end(), update) != old.end();
    if (update == position.updates) out.made.push_back(update);
    if (update == position.updates || is_old) out.kept.push_back(update);
  }
  return out;
}

/// Bundles that a training made and this save does not keep as they are.
std::vector<std::string> Checkpoint::gone(const Bundles& bundles) const {
  std::vector<std::string> out;
  for (const long update : kept_) {
    const bool stays =
        bundles.keeps(update) && std::find(bundles.made.begin(), bundles.made.end(), update) == bundles.made.end();
    if (!stays && is_kept_bundle(directory_ / folder_of(update))) out.push_back(folder_of(update));
  }
  return out;
}

void Checkpoint::write_bundles(const fs::path& to, Seq2Seq& model, Updater& updater, bool fresh,
                               const Bundles& bundles) const {
  if (!fresh && bundles.made.empty()) return;
  const AveragedWeights averaged(updater);
  if (fresh) write_bundle(to, config_, data_.source, data_.target, model);
  for (const long update : bundles.made) {
    fs::create_directories(to / folder_of(update));
    write_bundle(to / folder_of(update), config_, data_.source, data_.target, model);
  }
}

fs::path Checkpoint::save(Seq2Seq& model, Updater& updater, const TrainingPosition& position, std::string_view history,
                          const Written& written) try {
  Bundles bundles = bundles_of(position, written);
  const bool replaces = mode_ == TrainingMode::kReplace && position.validations.empty();
  fs::path directory = replaces ? beside(directory_) : directory_;
  const bool fresh = bundles.best || !is_bundle(directory);
  const std::vector<std::string> removed = gone(bundles);
  // What people put beside the bundle (logs, translations) stays, and the bundle itself if it is still the best.
  AtomicDirectory next(directory, [&](const std::string& name) {
    return name == kTrainingState || (fresh && (is_bundle_file(name) || name == kTestFile)) ||
           std::find(removed.begin(), removed.end(), name) != removed.end();
  });
  write_bundles(next.path(), model, updater, fresh, bundles);
  const fs::path state = next.path() / kTrainingState;
  fs::create_directory(state);
  Checksums sums;
  const auto write = [&](const char* name, std::string_view content) {
    write_file_atomically(state / name, content);
    sums.add(name, content);
  };
  write(kParametersFile, to_safetensors(arrays_of(model.parameters()), {{"format", "heed"}}));
  write(kMomentsFile, to_safetensors(updater.state(), places_of(model.parameters())));
  write(kPositionFile, to_json_text({position, fingerprint_, bundles.kept}));
  write(kHistoryFile, history);
  sums.save(state);
  for (const long update : bundles.made) {
    if (std::find(removed.begin(), removed.end(), folder_of(update)) == removed.end())
      make_way(directory / folder_of(update));
  }
  next.commit();
  if (!removed.empty()) rmdir((directory / kCheckpoints).c_str());  // if that was all in it
  if (written.validated) kept_ = std::move(bundles.kept);
  return directory;
} catch (const std::exception& error) {
  throw Error(ErrorKind::kSystem, "cannot save '" + directory_.string() + "', which stays as it was: " + error.what(),
              {.file = directory_.string()});
}

TrainingPosition Checkpoint::load(Seq2Seq& model, Updater& updater) const {
  const fs::path state = directory_ / kTrainingState;
  const Checksums sums = Checksums::load(state);
  const StateArrays parameters(state, kParametersFile, sums);
  for (Parameter* parameter : model.parameters().all()) parameters.read(parameter->name, parameter->value.view());
  const StateArrays moments(state, kMomentsFile, sums);
  for (const auto& [name, tensor] : updater.state()) moments.read(name, tensor);
  sums.check_all_but({kParametersFile, kMomentsFile, kPositionFile});
  const SavedPosition saved = load_position(directory_);
  check_same_data(saved.data, fingerprint_, directory_.string());
  return saved.position;
}

namespace {

Error no_moments(const fs::path& directory, const std::string& why) {
  return {ErrorKind::kModel,
          fmt::format("training.start_from.optimizer: '{}' {}", directory.string(), why),
          {.file = directory.string(), .key = "training.start_from.optimizer"}};
}

}  // namespace

void check_has_moments(const fs::path& directory) {
  if (!has_position(directory))
    throw no_moments(directory, "has no training_state: the folder of a run has it, not that of another bundle");
}

long read_moments(const fs::path& directory, const std::vector<std::pair<std::string, Tensor>>& into) {
  check_has_moments(directory);
  return read_directory(directory, [&] {
    const fs::path state = directory / kTrainingState;
    const StateArrays moments(state, kMomentsFile, Checksums::load(state));
    for (const auto& [name, tensor] : into) {
      if (!moments.has(name)) {
        throw no_moments(directory, fmt::format("was trained with the optimizer {}, which has no {}",
                                                run_config(directory).training.optimizer.kind, name));
      }
      moments.read(name, tensor);
    }
    const TrainingPosition position = load_position(directory).position;
    return position.earlier_updates + position.updates;
  });
}

void Checkpoint::load_best(Seq2Seq& model) const {
  const StateArrays arrays(directory_, kParametersFile, Checksums::load(directory_));
  for (Parameter* parameter : model.parameters().all()) arrays.read(parameter->name, parameter->value.view());
}

std::string Checkpoint::history() const {
  const fs::path file = directory_ / kTrainingState / kHistoryFile;
  return fs::exists(file) ? read_regular_file(file, kAnySize) : "";
}

TrainingMode check_output(const fs::path& directory, TrainingMode mode) {
  if (!fs::exists(directory)) return TrainingMode::kNew;
  if (!fs::is_directory(directory))
    throw UsageError("output: '" + directory.string() + "' is no directory",
                     {.file = directory.string(), .key = "output"});
  const auto taken = [](const fs::path& by, const std::string& how) {
    return UsageError(fmt::format("output: '{}' {}", by.string(), how), {.file = by.string(), .key = "output"},
                      ErrorKind::kOutput);
  };
  if (is_bundle(directory) || fs::exists(directory / kTrainingState)) {
    if (mode != TrainingMode::kReplace) throw taken(directory, "holds " + held_by(directory));
    const fs::path other = beside(directory);
    if (!fs::exists(other)) return mode;
    throw taken(other, fmt::format("exists, where an earlier replacement of '{}' was stopped", directory.string()));
  }
  // The event files of a training that ended before its first save are nobody's work, nor is a cache of its data with
  // what a process that made it left beside it.
  const auto is_other = [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name != kEventFolder && name != kTrainingLog && !name.starts_with(".heed-") && !is_cache(entry.path());
  };
  if (std::none_of(fs::directory_iterator(directory), {}, is_other)) return TrainingMode::kNew;
  throw UsageError("output: '" + directory.string() + "' is not empty and holds no model; name a new directory",
                   {.file = directory.string(), .key = "output"});
}

std::optional<std::vector<long>> kept_bundles(const fs::path& run) {
  if (!has_position(run)) return std::nullopt;
  try {
    const SavedPosition saved = read_directory(run, [&run] { return load_position(run); });
    if (saved.kept) return saved.kept;
    std::vector<long> out;  // before they were recorded
    for (const ValidationResult& validation : saved.position.validations) out.push_back(validation.update);
    return out;
  } catch (const Error&) {
    return std::vector<long>();  // nothing is known of a damaged state
  }
}

bool has_position(const fs::path& directory) { return fs::exists(directory / kTrainingState / kPositionFile); }

TrainingPosition read_position(const fs::path& directory) {
  return read_directory(directory, [&directory] { return load_position(directory).position; });
}

std::string fault_of_bundle(const fs::path& directory) try {
  if (!is_bundle(directory)) return fmt::format("'{}' has no bundle", directory.string());
  Checksums::load(directory).check_all_but({});
  return "";
} catch (const Error& error) {
  return error.what();
}

Config run_config(const fs::path& directory) {
  Config out;
  Settings settings = out.settings();
  const std::string yaml = read_regular_file(directory / kConfigFile, kMostOfSmallFile);
  Checksums::load(directory).check(kConfigFile, yaml);
  settings.load(yaml, (directory / kConfigFile).string());
  out.adopt(settings);
  settle_output(out.model);
  return out;
}

}  // namespace heed

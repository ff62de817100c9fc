#include "checkpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/model/safetensors.h"
#include "history_writer.h"
#include "result_json.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;
constexpr const char* kState = "training_state";

bool is_bundle(const fs::path& directory) {
  return fs::exists(directory / "config.yaml") && fs::exists(directory / "parameters.safetensors");
}

Json to_json(const TrainingPosition& p, long updates) {
  Json out = {{"epoch", p.epoch},
              {"batch", p.batch},
              {"epoch_loss", p.epoch_loss},
              {"epoch_tokens", p.epoch_tokens},
              {"window_loss", p.window_loss},
              {"window_tokens", p.window_tokens},
              {"updates", updates},
              {"learning_rate", p.learning_rate},
              {"best_perplexity", p.best_perplexity},
              {"bad_perplexity", p.bad_perplexity},
              {"bad_value", p.bad_value},
              {"seconds", p.seconds},
              {"finished", p.finished},
              {"validations", Json::array()}};
  for (const ValidationResult& validation : p.validations) out["validations"].push_back(to_json(validation));
  return out;
}

TrainingPosition position_from(const Json& j) {
  TrainingPosition out;
  out.epoch = j.at("epoch");
  out.batch = j.at("batch");
  out.epoch_loss = j.at("epoch_loss");
  out.epoch_tokens = j.at("epoch_tokens");
  out.window_loss = j.value("window_loss", 0.0);  // not in the states of version 0.1
  out.window_tokens = j.value("window_tokens", 0L);
  out.learning_rate = j.at("learning_rate");
  out.best_perplexity = j.at("best_perplexity");
  out.bad_perplexity = j.at("bad_perplexity");
  out.bad_value = j.at("bad_value");
  out.seconds = j.at("seconds");
  out.finished = j.at("finished");
  for (const Json& validation : j.at("validations")) out.validations.push_back(validation_from(validation));
  return out;
}

std::vector<std::pair<std::string, Tensor>> arrays_of(const ParameterList& parameters) {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const Parameter* parameter : parameters.all()) out.emplace_back(parameter->name, parameter->value.view());
  return out;
}

// The files of a bundle with any tokenizer, and the state: what a save replaces.
bool is_own(const std::string& name) {
  static const std::set<std::string> own = {"config.yaml",
                                            "parameters.safetensors",
                                            "source.vocabulary",
                                            "source.sentencepiece",
                                            "target.vocabulary",
                                            "target.sentencepiece",
                                            kState};
  return own.contains(name);
}

// Without copying bytes where the file system lets them be shared.
void link_tree(const fs::path& from, const fs::path& to) {
  if (fs::is_symlink(from)) {
    fs::copy_symlink(from, to);
  } else if (fs::is_directory(from)) {
    fs::create_directory(to);
    for (const auto& entry : fs::directory_iterator(from)) link_tree(entry.path(), to / entry.path().filename());
  } else if (fs::is_regular_file(from)) {
    std::error_code failed;
    fs::create_hard_link(from, to, failed);
    if (failed) fs::copy_file(from, to);
  }
}

// From the directory that will be replaced: what people put beside the bundle (logs, translations), and the bundle
// itself if it stays the best.
void keep_old(const fs::path& from, const fs::path& to, bool bundle) {
  if (!fs::is_directory(from)) return;
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (name != kState && (bundle || !is_own(name))) link_tree(entry.path(), to / name);
  }
}

}  // namespace

void Checkpoint::check_writable() const { const AtomicDirectory dropped(directory_); }

void Checkpoint::save(Seq2Seq& model, Optimizer& optimizer, const TrainingPosition& position, std::string_view history,
                      bool best) const try {
  AtomicDirectory next(directory_);
  const bool fresh = best || !is_bundle(directory_);
  keep_old(directory_, next.path(), !fresh);
  if (fresh) write_bundle(next.path(), config_, source_, target_, model);
  const fs::path state = next.path() / kState;
  fs::create_directory(state);
  write_file_atomically(state / "parameters.safetensors", to_safetensors(arrays_of(model.parameters())));
  write_file_atomically(state / "optimizer.safetensors", to_safetensors(optimizer.state()));
  write_file_atomically(state / "position.json", to_json(position, optimizer.updates).dump(1) + "\n");
  write_file_atomically(state / kHistoryFile, history);
  next.commit();
} catch (const std::exception& error) {
  throw Error("cannot save '" + directory_.string() + "', which stays as it was: " + error.what());
}

TrainingPosition Checkpoint::load(Seq2Seq& model, Optimizer& optimizer) const {
  const fs::path state = directory_ / kState;
  const SafetensorsReader parameters(state / "parameters.safetensors");
  for (Parameter* parameter : model.parameters().all()) parameters.read(parameter->name, parameter->value.view());
  const SafetensorsReader moments(state / "optimizer.safetensors");
  for (const auto& [name, tensor] : optimizer.state()) moments.read(name, tensor);
  const fs::path file = state / "position.json";
  try {
    const Json position = Json::parse(read_file(file));
    optimizer.updates = position.at("updates");
    return position_from(position);
  } catch (const Json::exception& error) {
    throw Error(file.string() + ": damaged: " + error.what());
  }
}

std::string Checkpoint::history() const {
  const fs::path file = directory_ / kState / kHistoryFile;
  return fs::exists(file) ? read_file(file) : "";
}

void check_output(const fs::path& directory) {
  if (!fs::exists(directory) || is_bundle(directory)) return;
  if (!fs::is_directory(directory)) throw UsageError("output: '" + directory.string() + "' is no directory");
  // The event files of a training that ended before its first validation are nobody's work.
  const auto is_other = [](const fs::directory_entry& entry) {
    return entry.path().filename() != Config::kEventFolder;
  };
  if (std::none_of(fs::directory_iterator(directory), {}, is_other)) return;
  throw UsageError("output: '" + directory.string() + "' is not empty and holds no model; name a new directory");
}

Config run_config(const fs::path& directory) {
  Config out;
  Settings settings = out.settings();
  settings.load_file(directory / "config.yaml");
  out.adopt(settings);
  return out;
}

void check_same_run(const Config& config, const fs::path& directory) {
  if (!fs::exists(directory / kState / "position.json")) {
    throw Error(directory.string() + " has no training_state to resume from: train without --resume first");
  }
  Config before = run_config(directory);
  // How long to train may change; everything that the weights depend on may not.
  before.training.epochs = config.training.epochs;
  before.training.max_minutes = config.training.max_minutes;
  before.training.early_stop = config.training.early_stop;
  // Left to the program it stays what the program chose.
  if (config.training.best_by == "auto") before.training.best_by = "auto";
  before.training.validation_samples = config.training.validation_samples;
  before.training.tensorboard = config.training.tensorboard;
  before.output = config.output;
  const std::string old_text = before.to_yaml();
  const std::string new_text = config.to_yaml();
  if (old_text == new_text) return;
  std::size_t at = 0;
  while (old_text[at] == new_text[at]) ++at;
  const auto line_at = [at](const std::string& text) {
    const std::size_t begin = text.rfind('\n', at) + 1;
    std::string line = text.substr(begin, text.find('\n', at) - begin);
    return line.substr(line.find_first_not_of(' '));
  };
  throw UsageError("--resume: " + directory.string() + " was trained with '" + line_at(old_text) +
                   "', the config says '" + line_at(new_text) + "': they must be the same");
}

}  // namespace heed

#include "checkpoint.h"

#include <nlohmann/json.hpp>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/model/safetensors.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kState = "training_state";

Json to_json(const ValidationResult& v) {
  return {{"epoch", v.epoch}, {"update", v.update}, {"train_loss", v.train_loss}, {"perplexity", v.perplexity},
          {"bleu", v.bleu}, {"accuracy", v.accuracy}, {"learning_rate", v.learning_rate}, {"seconds", v.seconds}, {"best", v.best}};
}

ValidationResult validation_from(const Json& j) {
  return {j.at("epoch"), j.at("update"), j.at("train_loss"), j.at("perplexity"), j.at("bleu"), j.at("accuracy"),
          j.at("learning_rate"), j.at("seconds"), j.at("best")};
}

Json to_json(const TrainingPosition& p, long updates) {
  Json out = {{"epoch", p.epoch},
              {"batch", p.batch},
              {"epoch_loss", p.epoch_loss},
              {"epoch_tokens", p.epoch_tokens},
              {"updates", updates},
              {"learning_rate", p.learning_rate},
              {"best_perplexity", p.best_perplexity},
              {"best_value", p.best_value},
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
  out.learning_rate = j.at("learning_rate");
  out.best_perplexity = j.at("best_perplexity");
  out.best_value = j.at("best_value");
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

// The old bundle's files, without copying bytes where the file system lets them be shared.
void keep_bundle(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    if (!entry.is_regular_file()) continue;
    std::error_code failed;
    std::filesystem::create_hard_link(entry.path(), to / entry.path().filename(), failed);
    if (failed) std::filesystem::copy_file(entry.path(), to / entry.path().filename());
  }
}

}  // namespace

void Checkpoint::save(Seq2Seq& model, Optimizer& optimizer, const TrainingPosition& position, bool best) const {
  AtomicDirectory next(directory_);
  if (best || !std::filesystem::exists(directory_ / "parameters.safetensors")) {
    write_bundle(next.path(), config_, source_, target_, model);
  } else {
    keep_bundle(directory_, next.path());
  }
  const std::filesystem::path state = next.path() / kState;
  std::filesystem::create_directory(state);
  write_file_atomically(state / "parameters.safetensors", to_safetensors(arrays_of(model.parameters())));
  write_file_atomically(state / "optimizer.safetensors", to_safetensors(optimizer.state()));
  write_file_atomically(state / "position.json", to_json(position, optimizer.updates).dump(1) + "\n");
  next.commit();
}

TrainingPosition Checkpoint::load(Seq2Seq& model, Optimizer& optimizer) const {
  const std::filesystem::path state = directory_ / kState;
  const SafetensorsReader parameters(state / "parameters.safetensors");
  for (Parameter* parameter : model.parameters().all()) parameters.read(parameter->name, parameter->value.view());
  const SafetensorsReader moments(state / "optimizer.safetensors");
  for (const auto& [name, tensor] : optimizer.state()) moments.read(name, tensor);
  const std::filesystem::path file = state / "position.json";
  try {
    const Json position = Json::parse(read_file(file));
    optimizer.updates = position.at("updates");
    return position_from(position);
  } catch (const Json::exception& error) {
    throw Error(file.string() + ": damaged: " + error.what());
  }
}

void check_same_run(const Config& config, const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "config.yaml";
  if (!std::filesystem::exists(directory / kState / "position.json")) {
    throw Error(directory.string() + " has no training_state to resume from: train without --resume first");
  }
  Config before;
  Settings settings = before.settings();
  settings.load_file(file);
  // How long to train may change; everything that the weights depend on may not.
  before.training.epochs = config.training.epochs;
  before.training.max_minutes = config.training.max_minutes;
  before.training.early_stop = config.training.early_stop;
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
  throw UsageError("--resume: " + directory.string() + " was trained with '" + line_at(old_text) + "', the config says '" +
                   line_at(new_text) + "': they must be the same");
}

}  // namespace heed

#include "heed/model/config.h"

#include <algorithm>
#include <filesystem>

#include "heed/base/settings.h"
#include "heed/metrics/registry.h"
#include "heed/model/file_names.h"
#include "heed/model/output.h"
#include "heed/model/schedule.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// Whether the keys that are given ask for a plateau, as those of 0.1 do, whatever their values.
bool gives_plateau(const Settings& settings) {
  const auto given = [&](const char* key) { return settings.given(std::string("training.schedule.") + key); };
  return given("patience") || given("threshold") || given("back_to_best") || given("metric") ||
         (given("decay") && !given("start") && !given("every"));
}

}  // namespace

void Config::adopt(const Settings& settings) {
  // Format 1 knew no scale, and no bilinear score was divided.
  const auto kinds = kinds_of(model.attention);
  const bool reads = std::any_of(kinds.begin(), kinds.end(), [&](const AttentionKind* kind) {
    const std::vector<std::string> names = options_read(*kind, model.attention);
    return std::find(names.begin(), names.end(), "scale") != names.end();
  });
  if (format_version < 2 && reads && !settings.given("model.attention.scale")) model.attention.scale = "none";
  // The config of a bundle has what a training settled, or is of before these could be left to it.
  if (settings.given("format_version")) {
    if (!settings.given("model.decoder.input_feeding")) model.input_feeding = true;
    if (model.attention.kind == kAuto) model.attention.kind = kUsualAttention;
    if (model.tied == kAuto) model.tied = "none";
  }
  if (!settings.given("training.schedule.kind") && gives_plateau(settings)) training.schedule.kind = "plateau";
  format_version = kFormatVersion;
}

std::vector<std::string> validation_metrics(const TrainingOptions& options) {
  std::vector<std::string> asked = options.metrics;
  if (asked.front() == kAuto) asked = {"bleu", "accuracy"};
  asked.push_back(options.best_by);
  if (find_schedule(settled_schedule(options).kind).watches_metric) asked.push_back(options.schedule.metric);
  std::vector<std::string> out;
  for (const std::string& name : asked) {
    if (name == kAuto || name == kPerplexity || std::find(out.begin(), out.end(), name) != out.end()) continue;
    out.push_back(name);
  }
  return out;
}

std::string ensemble_text(const TrainingOptions& options) {
  const std::size_t others = options.validation_ensemble.size();
  return others == 0 ? "" : " with " + std::to_string(others) + (others == 1 ? " other model" : " other models");
}

bool Config::cuts_alike() const { return data.joint_vocabulary || output_kind(model).copies; }

std::string Config::event_directory() const {
  if (training.tensorboard == "false" || training.tensorboard.empty()) return "";
  if (!training.has_events_in_run()) return training.tensorboard;
  return (std::filesystem::path(output) / kEventFolder).string();
}

std::string Config::to_yaml() const {
  Config copy = *this;
  return copy.settings().to_yaml();
}

}  // namespace heed

#include "heed/model/config.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/base/utf8.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/registry.h"
#include "heed/model/bridge.h"
#include "heed/model/context_entry.h"
#include "heed/model/encoder.h"
#include "heed/model/interval.h"
#include "heed/model/output.h"
#include "heed/optim/optimizer.h"
#include "text_checks.h"

namespace heed {

void Config::adopt(const Settings& settings) {
  // Format 1 knew no scale, and no bilinear score was divided.
  const auto kinds = kinds_of(model.attention);
  const bool reads = std::any_of(kinds.begin(), kinds.end(), [&](const AttentionKind* kind) {
    const std::vector<std::string> names = options_read(*kind, model.attention);
    return std::find(names.begin(), names.end(), "scale") != names.end();
  });
  if (format_version < 2 && reads && !settings.given("model.attention.scale")) model.attention.scale = "none";
  // The config of a bundle that does not say it is of before it could be left to the program.
  if (settings.given("format_version") && !settings.given("model.decoder.input_feeding")) model.input_feeding = true;
  format_version = kFormatVersion;
}

namespace {

/// What YAML knows as true or false beside the words "true" and "false".
bool is_other_boolean(std::string text) {
  if (text == "true" || text == "false") return false;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  static const std::vector<std::string> all = {"true", "false", "yes", "no", "on", "off"};
  return std::find(all.begin(), all.end(), text) != all.end();
}

/// "KEY: what is wrong with its value"
void refuse_value(bool wrong, const std::string& key, const std::string& what) {
  if (wrong) throw UsageError(fmt::format("{}: {}", key, what), {.key = key});
}

void check_metrics(const std::vector<std::string>& metrics) {
  const char* key = "training.metrics";
  refuse_value(metrics.empty(), key, "names none; expected: auto, or metrics");
  for (auto name = metrics.begin(); name != metrics.end(); ++name) {
    refuse_value(*name == "auto" && metrics.size() > 1, key, "auto and others; expected: auto alone, or metrics");
    refuse_value(std::find(metrics.begin(), name, *name) != name, key, fmt::format("names '{}' twice", *name));
  }
}

void check_passes(const std::string& interval, const std::string& key) {
  refuse_value(parse_interval(interval).count == 0, key,
               fmt::format("'{}' never passes; expected more than 0", interval));
}

}  // namespace

std::vector<std::string> validation_metrics(const TrainingOptions& options) {
  std::vector<std::string> asked = options.metrics;
  if (asked.front() == "auto") asked = {"bleu", "accuracy"};
  asked.push_back(options.best_by);
  if (options.schedule.kind == "plateau") asked.push_back(options.schedule.metric);
  std::vector<std::string> out;
  for (const std::string& name : asked) {
    if (name == "auto" || name == "perplexity" || std::find(out.begin(), out.end(), name) != out.end()) continue;
    out.push_back(name);
  }
  return out;
}

namespace {

/// Throws UsageError for a value that the table of keys would not read: a program may have set any.
void check_values(const Config& config) try {
  Config copy;
  copy.settings().load(config.to_yaml(), "config");
} catch (const UsageError& error) {
  const std::string where = fmt::format("config:{}: ", error.place().line);
  const std::string what = error.what();
  throw UsageError(what.starts_with(where) ? what.substr(where.size()) : what, {.key = error.place().key});
}

/// What training does with the probabilities of a softmax alone.
void check_softmax(const Config& config) {
  if (output_kind(config.model).plain_softmax) return;
  const TrainingOptions& training = config.training;
  const auto refuse = [&](bool set, const char* key) {
    if (!set) return;
    throw UsageError(
        fmt::format("{} needs a softmax, but model.output is '{}': take another output, or leave the key out", key,
                    output_kind(config.model).name),
        {.key = key});
  };
  refuse(training.scheduled_sampling.kind != "none", "training.scheduled_sampling");
  refuse(training.risk.weight > 0, "training.risk");
  refuse(training.distill.weight > 0, "training.distill");
}

}  // namespace

void Config::check() const {
  refuse_value(output.empty(), "output", "is empty; it names the directory of the run");
  refuse_value(utf8::first_invalid(output).has_value(), "output",
               "a name that is not UTF-8, which config.yaml cannot hold; take another");
  check_values(*this);
  check_encoder(model);
  check_bridge(model);
  check_attention(model);
  check_output(*this);
  check_texts(*this);
  if (model.tied == "all" && model.source_columns() != model.target_columns()) {
    throw UsageError(
        fmt::format("model.tied 'all' is one table for both sides, but the source's embeddings have {} columns, the "
                    "target's {}: leave model.source_embedding and model.target_embedding out",
                    model.source_columns(), model.target_columns()),
        {.key = "model.tied"});
  }
  if (model.context_gate != "none" && output_kind(model).sums_positions) {
    throw UsageError(
        fmt::format("model.decoder.context_gate weighs a context, but model.output '{}' sums over positions and has "
                    "none: take none",
                    output_kind(model).name),
        {.key = "model.decoder.context_gate"});
  }
  check_softmax(*this);
  if (!has_attention(model.attention) && training.coverage_loss > 0) {
    throw UsageError("training.coverage_loss needs attention, but there is none (model.attention.kind: none)",
                     {.key = "training.coverage_loss"});
  }
  refuse_value(is_other_boolean(training.tensorboard), "training.tensorboard",
               fmt::format("'{}' is not right; expected: true | false, or a folder", training.tensorboard));
  if (training.clip_value > 0 && training.clip_norm > 0) {
    throw UsageError("training.clip_value and training.clip_norm are both set: set one of them to 0",
                     {.key = "training.clip_value"});
  }
  check_passes(training.validate_every, "training.validate_every");
  check_metrics(training.metrics);
  if (training.guided_alignment > 0 && !data.has_links()) {
    throw UsageError("training.guided_alignment needs links, but no corpus of data.train has an alignment",
                     {.key = "training.guided_alignment.weight"});
  }
  if (training.guided_alignment > 0 && (data.source.sampling > 0 || data.target.sampling > 0)) {
    throw UsageError(
        "training.guided_alignment has links of the tokens that data.*.sampling draws anew: set one of them",
        {.key = "training.guided_alignment.weight"});
  }
  if (training.guided_alignment > 0 && !has_attention(model.attention)) {
    throw UsageError("training.guided_alignment needs attention, but there is none (model.attention.kind: none)",
                     {.key = "training.guided_alignment.weight"});
  }
  if (training.distill.weight > 0 && training.distill.teacher.empty()) {
    throw UsageError("training.distill.weight needs a training.distill.teacher", {.key = "training.distill.weight"});
  }
  check_passes(training.schedule.every, "training.schedule.every");
  if (training.decay_after_minutes > 0 && training.max_minutes <= training.decay_after_minutes) {
    throw UsageError("training.decay_after_minutes needs a training.max_minutes that is longer",
                     {.key = "training.decay_after_minutes"});
  }
}

bool Config::cuts_alike() const { return data.joint_vocabulary || output_kind(model).copies; }

std::string Config::event_directory() const {
  if (training.tensorboard == "false" || training.tensorboard.empty()) return "";
  if (training.tensorboard != "true") return training.tensorboard;
  return (std::filesystem::path(output) / kEventFolder).string();
}

std::string Config::to_yaml() const {
  Config copy = *this;
  return copy.settings().to_yaml();
}

}  // namespace heed

// Values that do not go together, by section; what has no effect is in config_effect.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "heed/base/settings.h"
#include "heed/base/utf8.h"
#include "heed/model/bridge.h"
#include "heed/model/config.h"
#include "heed/model/context_entry.h"
#include "heed/model/encoder.h"
#include "heed/model/interval.h"
#include "heed/model/output.h"
#include "refusal.h"
#include "text_checks.h"

namespace heed {
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

void check_run(const Config& config) {
  refuse_value(config.output.empty(), "output", "is empty; it names the directory of the run");
  refuse_value(utf8::first_invalid(config.output).has_value(), "output",
               "a name that is not UTF-8, which config.yaml cannot hold; take another");
  check_values(config);
}

void check_model(const Config& config) {
  const ModelOptions& model = config.model;
  check_encoder(model);
  check_bridge(model);
  check_attention(model);
  check_output(config);
  rule_out(model.ties_both() && model.source_columns() != model.target_columns(), "model.tied",
           fmt::format("model.tied 'all' is one table for both sides, but the source's embeddings have {} columns, the "
                       "target's {}: leave model.source_embedding and model.target_embedding out",
                       model.source_columns(), model.target_columns()));
  rule_out(model.gates_context() && output_kind(model).sums_positions, "model.decoder.context_gate",
           fmt::format("model.decoder.context_gate weighs a context, but model.output '{}' sums over positions and has "
                       "none: take none",
                       output_kind(model).name));
}

/// What training does with the probabilities of a softmax alone.
void check_softmax(const Config& config) {
  const OutputKind& output = output_kind(config.model);
  if (output.plain_softmax) return;
  const TrainingOptions& training = config.training;
  for (const auto& [key, set] : {std::pair("training.scheduled_sampling", training.scheduled_sampling.samples()),
                                 std::pair("training.risk", training.risk.weight > 0),
                                 std::pair("training.distill", training.distill.weight > 0)}) {
    rule_out(set, key,
             fmt::format("{} needs a softmax, but model.output is '{}': take another output, or leave the key out", key,
                         output.name));
  }
}

void check_guided_alignment(const Config& config) {
  if (config.training.guided_alignment == 0) return;
  const char* key = "training.guided_alignment.weight";
  const DataOptions& data = config.data;
  rule_out(!data.has_links(), key,
           "training.guided_alignment needs links, but no corpus of data.train has an alignment");
  rule_out(data.source.sampling > 0 || data.target.sampling > 0, key,
           "training.guided_alignment has links of the tokens that data.*.sampling draws anew: set one of them");
  rule_out(!has_attention(config.model.attention), key,
           "training.guided_alignment needs attention, but there is none (model.attention.kind: none)");
}

void check_objective(const Config& config) {
  const TrainingOptions& training = config.training;
  check_softmax(config);
  rule_out(!has_attention(config.model.attention) && training.coverage_loss > 0, "training.coverage_loss",
           "training.coverage_loss needs attention, but there is none (model.attention.kind: none)");
  check_guided_alignment(config);
  rule_out(training.distill.weight > 0 && training.distill.teacher.empty(), "training.distill.weight",
           "training.distill.weight needs a training.distill.teacher");
}

void check_metrics(const std::vector<std::string>& metrics) {
  const char* key = "training.metrics";
  refuse_value(metrics.empty(), key, "names none; expected: auto, or metrics");
  for (auto name = metrics.begin(); name != metrics.end(); ++name) {
    refuse_value(*name == kAuto && metrics.size() > 1, key, "auto and others; expected: auto alone, or metrics");
    refuse_value(std::find(metrics.begin(), name, *name) != name, key, fmt::format("names '{}' twice", *name));
  }
}

void check_passes(const std::string& interval, const std::string& key) {
  refuse_value(parse_interval(interval).count == 0, key,
               fmt::format("'{}' never passes; expected more than 0", interval));
}

/// What YAML knows as true or false beside the words "true" and "false".
bool is_other_boolean(std::string text) {
  if (text == "true" || text == "false") return false;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  static const std::vector<std::string> all = {"true", "false", "yes", "no", "on", "off"};
  return std::find(all.begin(), all.end(), text) != all.end();
}

void check_training_values(const TrainingOptions& training) {
  refuse_value(is_other_boolean(training.tensorboard), "training.tensorboard",
               fmt::format("'{}' is not right; expected: true | false, or a folder", training.tensorboard));
  rule_out(training.clip_value > 0 && training.clip_norm > 0, "training.clip_value",
           "training.clip_value and training.clip_norm are both set: set one of them to 0");
  check_passes(training.validate_every, "training.validate_every");
  check_metrics(training.metrics);
  check_passes(training.schedule.every, "training.schedule.every");
  rule_out(training.decay_after_minutes > 0 && training.max_minutes <= training.decay_after_minutes,
           "training.decay_after_minutes", "training.decay_after_minutes needs a training.max_minutes that is longer");
}

}  // namespace

void Config::check() const {
  check_run(*this);
  check_model(*this);
  check_texts(*this);
  check_objective(*this);
  check_training_values(training);
}

}  // namespace heed

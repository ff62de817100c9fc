#include "heed/model/read_config.h"

#include <filesystem>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "config_text.h"
#include "feature_columns.h"
#include "fmt/format.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/bundle.h"
#include "heed/model/context_entry.h"
#include "heed/model/file_names.h"
#include "text_checks.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kJoint = "data.joint_vocabulary";
constexpr const char* kFeatureColumn = "data.source.features.column";

/// The config of a bundle, in the present format.
Settings settings_of_bundle(Config& config, const fs::path& directory) {
  const fs::path file = directory / kConfigFile;
  Settings out = config.settings();
  const std::string yaml = read_config_text(directory);
  Checksums::load(directory).check(kConfigFile, yaml);
  out.load(yaml, file.string());
  config.adopt(out);
  return out;
}

/// What the config does not say of a text is as in the bundle whose vocabulary it has; what it says otherwise is an
/// error that names the `way` out.
void adopt_text(Settings& settings, const std::string& key, const std::string& value, const std::string& directory,
                const char* way) {
  if (!settings.given(key)) {
    settings.set(fmt::format("{}={}", key, value));
  } else if (settings.value(key) != value) {
    throw UsageError(fmt::format("{} is {} in {}, {}", key, value, directory, way), {.key = key});
  }
}

/// The features of a bundle whose vocabularies are kept, where the config names none; their columns are of its data.
void adopt_features(const Settings& settings, Config& config, const Config& bundle, const char* way) {
  TextOptions& now = config.data.source;
  const TextOptions& before = bundle.data.source;
  const auto model_of = [](const Config& of) {
    std::vector<std::tuple<std::string, int, std::string>> out;
    for (const FeatureOptions& each : of.data.source.features())
      out.emplace_back(each.name, feature_columns(each, of.model), each.join);
    return out;
  };
  if (!settings.given(kFeatureColumn)) {
    now.feature = before.feature;
    now.more_features = before.more_features;
  } else if (model_of(config) != model_of(bundle)) {
    throw UsageError(
        fmt::format("data.source.features are others than in {}, {}", config.training.start_from.bundle, way),
        {.key = kFeatureColumn});
  }
}

/// Whether a key says how text becomes tokens.
bool is_of_text(const std::string& key) {
  if (key.starts_with("data.source.features.")) return false;
  const std::string name = key.substr(key.rfind('.') + 1);
  const bool of_side = key.starts_with("data.source.") || key.starts_with("data.target.");
  return of_side ? makes_tokens(name) : key == kJoint;
}

bool is_of_model(const std::string& key) {
  return key.starts_with("model.") && !key.starts_with("model.dropout") && !key.starts_with("model.pretrained");
}

/// Whether a key is kept for people: a model that starts from another has its licence, unless the config says another.
bool is_about(const std::string& key) { return key.starts_with("about."); }

/// Whether a key, given as auto, is of a model that is chosen anew only where there is none before.
bool is_chosen(const std::string& key) { return key == "model.attention.kind" || key == "model.tied"; }

bool is_left(const Settings& settings, const std::string& key) {
  return !settings.given(key) || (is_chosen(key) && settings.value(key) == kAuto);
}

bool is_other(const Settings& given, const Settings& before, const std::string& key) {
  return !is_left(given, key) && given.value(key) != before.value(key);
}

/// Whether the config says by another key what this one of the model is.
bool is_implied(const Settings& given, const Settings& before, const std::string& key) {
  if (key == "model.copy") return given.given("model.output");
  return key == "model.output" && (given.given("model.copy") || is_other(given, before, "model.attention.kind"));
}

void set_unless_given(Settings& settings, const std::string& key, const std::string& value) {
  if (is_left(settings, key)) settings.set(fmt::format("{}={}", key, value));
}

/// New vocabularies are made as the bundle's were, of a side whose vocabulary is not taken from elsewhere: with its
/// tokenizer, and if that is the config's too, with its size and all else.
void adopt_making(const Config& config, Settings& settings, const Settings& before) {
  const Settings given = settings;
  const DataOptions& data = config.data;
  const bool both_made = data.source.model.empty() && data.target.model.empty();
  const bool cut_otherwise =
      is_other(given, before, "data.source.tokenizer") || is_other(given, before, "data.target.tokenizer");
  if (both_made && !cut_otherwise) set_unless_given(settings, kJoint, before.value(kJoint));
  for (const std::string side : {"data.source.", "data.target."}) {
    const bool of_source = side == "data.source." || data.joint_vocabulary;
    if (!(of_source ? data.source : data.target).model.empty()) continue;
    const bool cut_alike = !is_other(given, before, side + "tokenizer");
    for (const std::string& key : before.keys()) {
      if (!key.starts_with(side) || !is_of_text(key)) continue;
      if (cut_alike || says_how_text_is_read(key.substr(side.size())))
        set_unless_given(settings, key, before.value(key));
    }
  }
}

/// What the config does not say is as in the bundle that a training starts from: the model, what is said about it, how
/// text is read, and where its vocabularies are kept all else of a side.
void adopt_start(Config& config, Settings& settings) {
  Config start;
  const Settings before = settings_of_bundle(start, config.training.start_from.bundle);
  const Settings given = settings;
  for (const std::string& key : before.keys()) {
    if (is_about(key) || (is_of_model(key) && !is_implied(given, before, key)))
      set_unless_given(settings, key, before.value(key));
  }
  if (config.training.start_from.kept_vocabulary().empty()) return adopt_making(config, settings, before);
  const char* const way = "whose vocabulary is kept: leave it out, or set training.start_from.vocabulary: new";
  adopt_features(settings, config, start, way);
  for (const std::string& key : before.keys()) {
    if (is_of_text(key)) adopt_text(settings, key, before.value(key), config.training.start_from.bundle, way);
  }
}

/// How text becomes tokens is as in a bundle that a side names as its model.
void adopt_models(const Config& config, Settings& settings) {
  const DataOptions data = config.data;
  for (const std::string side : {"source", "target"}) {
    const std::string from = data.joint_vocabulary ? "source" : side;
    const std::string& model = from == "source" ? data.source.model : data.target.model;
    if (!is_bundle(model)) continue;
    Config given;
    const Settings before = settings_of_bundle(given, model);
    for (const std::string& key : before.keys()) {
      const std::string prefix = fmt::format("data.{}.", from);
      if (!key.starts_with(prefix) || !says_how_text_is_read(key.substr(prefix.size()))) continue;
      adopt_text(settings, fmt::format("data.{}.{}", side, key.substr(prefix.size())), before.value(key), model,
                 "whose vocabulary is taken: leave it out");
    }
  }
}

/// What either gave a run that goes on, whatever became of those bundles, and what was chosen for it. A run that is not
/// there is said elsewhere.
void adopt_run(Config& config, Settings& settings) {
  const bool starts = !config.training.start_from.bundle.empty();
  const bool takes = !config.data.source.model.empty() || !config.data.target.model.empty();
  if (!fs::exists(fs::path(config.output) / kConfigFile)) return;
  Config run;
  const Settings before = settings_of_bundle(run, config.output);
  if (starts && !settings.given(kFeatureColumn)) {
    config.data.source.feature = run.data.source.feature;
    config.data.source.more_features = run.data.source.more_features;
  }
  for (const std::string& key : before.keys()) {
    const bool of_side = key.starts_with("data.source.") || key.starts_with("data.target.");
    const bool is_read = takes && of_side && says_how_text_is_read(key.substr(key.rfind('.') + 1));
    const bool is_started = starts && (is_of_text(key) || is_of_model(key) || is_about(key));
    if (is_read || is_started || is_chosen(key)) set_unless_given(settings, key, before.value(key));
  }
}

/// Names of version 0.1.
void tell_old_names(const Settings& settings, const LogSink& log) {
  if (!log) return;
  for (const auto& [old, key] : {std::pair{"training.decay", "training.schedule.decay"},
                                 {"training.decay_patience", "training.schedule.patience"},
                                 {"training.minimum_rate", "training.schedule.minimum"}}) {
    if (!settings.given(key) || settings.named(key)) continue;
    log(LogLevel::kWarning, fmt::format("{} is now {}; the old name goes with the next version", old, key));
  }
}

/// The defaults of these are what is overruled, so that only who wrote them knows that they were meant.
void check_overruled(const Config& config, const Settings& written) {
  const auto overruled = [&](const char* key, bool by, const char* why) {
    if (by && written.given(key)) throw UsageError(fmt::format("{} has no effect {}", key, why), {.key = key});
  };
  overruled("training.batch_sentences", config.training.batch_tokens > 0,
            "beside training.batch_tokens, which bounds a batch: set one of them");
  overruled("data.held_out", !config.data.validation.empty(),
            "beside data.validation, in the place of which a share is held out: set one of them");
  overruled("model.decoder.input_feeding",
            config.model.input_feeding.value_or(false) && !feeds_attentional(config.model),
            "as true with model.attention.entry 'output-only', which feeds nothing: leave it out, or take "
            "'input-feeding'");
  overruled("model.embedding", config.model.source_embedding > 0 && config.model.target_embedding > 0,
            "beside model.source_embedding and model.target_embedding: leave it out");
  // A number for model.dropout means places that a model may lack.
  const auto lacks = [&](const char* key, bool lacking, const char* why) {
    overruled(key, lacking && written.named(key), why);
  };
  lacks("model.dropout.encoder", config.model.encoder_layers == 1 && config.model.dropout.encoder > 0,
        "with 1 layer: set model.encoder.layers to 2 or more, or model.dropout.memory for its states");
  lacks("model.dropout.decoder", config.model.decoder_layers == 1 && config.model.dropout.decoder > 0,
        "with 1 layer: set model.decoder.layers to 2 or more, or model.dropout.output for its states");
}

/// What was read into the config by its table, and what follows from it.
Config completed(Config& config, Settings& settings, const ConfigReading& how) {
  if (!how.output.empty()) config.output = how.output;
  config.adopt(settings);
  tell_old_names(settings, how.log);
  const Settings written = settings;  // what a bundle gives to start from was nobody's choice
  // A bundle's config.yaml, which has a format_version, has every key.
  const bool of_bundle = settings.given("format_version");
  if (!of_bundle && how.resumes) {
    adopt_run(config, settings);
  } else if (!of_bundle) {
    if (!config.training.start_from.bundle.empty()) adopt_start(config, settings);
    adopt_models(config, settings);
  }
  config.check();
  config.check_effect();
  if (!of_bundle) check_overruled(config, written);
  return config;
}

}  // namespace

Config read_config(const std::string& path, const std::vector<std::string>& overrides, const ConfigReading& how) {
  Config config;
  Settings settings = config.settings();
  settings.load_file(path, overrides);
  return completed(config, settings, how);
}

Config parse_config(std::string_view yaml, const std::string& name, const std::vector<std::string>& overrides,
                    const ConfigReading& how) {
  Config config;
  Settings settings = config.settings();
  settings.load(yaml, name, overrides);
  return completed(config, settings, how);
}

Config Config::load(const std::string& path, const std::vector<std::string>& overrides) {
  return read_config(path, overrides, {});
}

}  // namespace heed

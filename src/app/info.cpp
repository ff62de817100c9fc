#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "common_options.h"
#include "figures.h"
#include "heed/base/checksums.h"
#include "heed/base/exchanged.h"
#include "heed/base/settings.h"
#include "heed/metrics/registry.h"
#include "heed/model/bundle.h"
#include "heed/model/context_entry.h"
#include "heed/model/file_names.h"
#include "heed/model/seq2seq.h"
#include "heed/train/position.h"
#include "heed/train/test_result.h"
#include "output.h"

namespace heed::app {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kNameWidth = 12;

/// The validation that this model was kept for, if the directory still has the state of its training; else null.
Json training_figures(const std::filesystem::path& directory, const TrainingOptions& options) {
  if (!has_position(directory)) return nullptr;
  const TrainingPosition position = read_position(directory);
  Json out = {{"updates", position.updates}, {"seconds", position.seconds}, {"best", nullptr}};
  for (const ValidationResult& validation : position.validations) {
    if (validation.best) out["best"] = Json::parse(json_text(validation));
  }
  if (!options.validation_ensemble.empty()) out["validation_ensemble"] = options.validation_ensemble;
  return out;
}

/// On data.test, if the model was judged there; else null.
Json test_figures(const std::filesystem::path& directory) {
  const std::optional<TestResult> test = read_test(directory);
  if (!test) return nullptr;
  Json out = {{"sentences", test->sentences}, {"beam", test->beam}, {"perplexity", test->perplexity}};
  for (const auto& [name, value] : test->metrics) out[name] = value;
  return out;
}

Json describe(const TextSide& side) {
  return {{"tokenizer", side.options().tokenizer}, {"vocabulary", side.vocabulary_size()},
          {"lowercase", side.options().lowercase}, {"normalization", side.options().normalization},
          {"symbols", side.options().symbols},     {"reversed", side.options().reversed},
          {"end", side.options().end.always}};
}

/// What is read beside the source's tokens.
Json features_of(const Bundle& bundle) {
  Json out = Json::array();
  const std::vector<FeatureOptions> features = bundle.source.options().features();
  const SourceTables tables(bundle.config.model, bundle.source);
  for (std::size_t f = 0; f < features.size(); ++f) {
    out.push_back({{"name", features[f].name},
                   {"values", tables.features[f].vocabulary - Vocabulary::kSpecials},
                   {"embedding", tables.features[f].columns},
                   {"join", features[f].join}});
  }
  return out;
}

/// Where the context enters, and what of model.attention is not as usual.
Json attention_settings(Config chosen) {
  constexpr std::string_view kSection = "model.attention.";
  Config usual;
  const Settings settings = chosen.settings();
  const Settings defaults = usual.settings();
  Json out = Json::object();
  if (kinds_of(chosen.model.attention).front()->make != nullptr) out["entry"] = context_entry(chosen.model).name;
  for (const std::string& key : settings.keys()) {
    const std::string value = settings.value(key);
    if (!key.starts_with(kSection) || key == "model.attention.kind" || key == "model.attention.entry" ||
        value == defaults.value(key))
      continue;
    const Json typed = Json::parse(value, nullptr, false);  // a word is none of JSON's
    out[key.substr(kSection.size())] = typed.is_discarded() ? Json(value) : typed;
  }
  return out;
}

Json describe(const Bundle& bundle, const std::string& directory) {
  const ModelOptions& model = bundle.config.model;
  const long parameters = bundle.model->parameter_count();
  const auto stored = std::filesystem::file_size(std::filesystem::path(directory) / kParametersFile);
  return {{"directory", directory},
          {"format_version", bundle.config.format_version},
          {"parameters", parameters},
          {"parameter_bytes", stored},
          {"precision", name_of(bundle.precision)},
          {"source", describe(bundle.source)},
          {"target", describe(bundle.target)},
          {"features", features_of(bundle)},
          {"joint_vocabulary", bundle.config.data.joint_vocabulary},
          {"embedding", model.embedding},
          {"source_embedding", model.source_columns()},
          {"target_embedding", model.target_columns()},
          {"tied", model.tied},
          {"encoder",
           {{"cell", model.encoder_cell},
            {"layers", model.encoder_layers},
            {"hidden", model.encoder_hidden},
            {"bidirectional", model.only_first_both_ways() ? Json("first") : Json(model.both_ways(0))},
            {"direction_hidden", model.direction_hidden(0)},
            {"residual", model.encoder_residual},
            {"pyramid", model.encoder_pyramid}}},
          {"decoder",
           {{"cell", model.decoder_cell},
            {"layers", model.decoder_layers},
            {"hidden", model.decoder_hidden},
            {"bridge", model.bridge},
            {"residual", model.decoder_residual},
            {"input_feeding", feeds_attentional(model)},
            {"deep_output", model.deep_output}}},
          {"attention", model.attention.kind},
          {"attention_settings", attention_settings(bundle.config)},
          {"copy", model.copy},
          {"output", bundle.model->output_kind().name},
          {"training", training_figures(directory, bundle.config.training)},
          {"test", test_figures(directory)},
          {"about",
           {{"licence", bundle.config.about.licence},
            {"source", bundle.config.about.source},
            {"citation", bundle.config.about.citation},
            {"text", bundle.config.about.text}}}};
}

std::string side_text(const Json& side) {
  const auto form = side["normalization"].get<std::string>();
  const std::size_t symbols = side["symbols"].size();
  return fmt::format("{}, {} tokens{}", side["tokenizer"].get<std::string>(), side["vocabulary"].get<int>(),
                     side["lowercase"].get<bool>() ? ", lower case" : "") +
         (form == "none" ? "" : ", " + form) + (symbols == 0 ? "" : fmt::format(", {} of them symbols", symbols)) +
         (side["reversed"].get<bool>() ? ", from the last to the first" : "") +
         (side["end"].get<bool>() ? "" : ", without </s>");
}

/// `more`: what there is to say beside the layers.
std::string layers_text(const Json& part, const std::string& more) {
  const int layers = part["layers"].get<int>();
  return fmt::format("{}, {} layer{} of {}{}{}", part["cell"].get<std::string>(), layers, layers == 1 ? "" : "s",
                     part["hidden"].get<int>(), more, part["residual"].get<bool>() ? ", residual" : "");
}

std::string directions_text(const Json& encoder) {
  const Json& both = encoder["bidirectional"];
  if (both == false) return "";
  return fmt::format(", {} ({} each way)", both.is_string() ? "the first bidirectional" : "bidirectional",
                     encoder["direction_hidden"].get<int>());
}

std::string json_figures(const Json& figures) {
  std::vector<std::pair<std::string, double>> metrics;
  const std::vector<std::string> known = text_metrics();
  for (const auto& [name, value] : figures.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) metrics.emplace_back(name, value);
  }
  return figures_text(figures["perplexity"].get<double>(), metrics);
}

std::string training_text(const Json& training) {
  const std::string out =
      fmt::format("{} updates in {:.0f} s", training["updates"].get<long>(), training["seconds"].get<double>());
  const Json& best = training["best"];
  TrainingOptions options;
  if (training.contains("validation_ensemble")) options.validation_ensemble = training["validation_ensemble"];
  return best.is_null() ? out
                        : fmt::format("{}; best in epoch {}{}: {}", out, best["epoch"].get<int>(),
                                      ensemble_text(options), json_figures(best));
}

/// Lines after the first one stand below it.
std::string indented(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find_last_not_of('\n') + 1)) {
    out += c;
    if (c == '\n') out += std::string(kNameWidth, ' ');
  }
  return out;
}

std::string to_text(const Json& info) {
  std::string out;
  const auto line = [&](const char* name, const std::string& value) {
    out += fmt::format("{:<{}}{}\n", name, kNameWidth, value);
  };
  constexpr double kMebibyte = 1024.0 * 1024.0;
  line("model", info["directory"].get<std::string>());
  line("parameters",
       fmt::format("{} ({}, {:.1f} MiB)", info["parameters"].get<long>(), info["precision"].get<std::string>(),
                   static_cast<double>(info["parameter_bytes"].get<long>()) / kMebibyte));
  line("source", side_text(info["source"]));
  for (const Json& feature : info["features"]) {
    line("feature", fmt::format("{}, {} values, embedding {}, {}", feature["name"].get<std::string>(),
                                feature["values"].get<int>(), feature["embedding"].get<int>(),
                                feature["join"].get<std::string>()));
  }
  const bool joint = info["joint_vocabulary"].get<bool>();
  line("target", side_text(info["target"]) + (joint ? ", the vocabulary of both sides" : ""));
  const int source = info["source_embedding"].get<int>();
  const int target = info["target_embedding"].get<int>();
  const auto tied = info["tied"].get<std::string>();
  line("embedding",
       (source == target ? std::to_string(source) : fmt::format("{} and {}", source, target)) +
           (tied == "none" ? ""
                           : fmt::format(", the output layer tied to {}", tied == "all" ? "both" : "the target's")));
  const int pyramid = info["encoder"]["pyramid"].get<int>();
  line("encoder", layers_text(info["encoder"], directions_text(info["encoder"])) +
                      (pyramid > 0 ? fmt::format(", pyramid of {}", pyramid) : ""));
  line("decoder", layers_text(info["decoder"], info["decoder"]["input_feeding"].get<bool>() ? ", input feeding" : "") +
                      (info["decoder"]["deep_output"].get<bool>() ? ", deep output" : "") + ", bridge " +
                      info["decoder"]["bridge"].get<std::string>());
  AttentionOptions attention;
  attention.kind = info["attention"].get<std::string>();
  const char* name = "attention";
  for (const AttentionKind* kind : kinds_of(attention)) {
    line(name, fmt::format("{}: {} ({})", kind->name, kind->description, kind->paper));
    name = "";
  }
  std::string settings;
  for (const auto& [key, value] : info["attention_settings"].items()) {
    settings += fmt::format("{}{} {}", settings.empty() ? "" : ", ", key,
                            value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (!settings.empty()) line("", settings);
  const std::string output = info["output"].get<std::string>();
  if (output != output_kinds().front().name) line("output", output);
  if (!info["training"].is_null()) line("training", training_text(info["training"]));
  if (const Json& test = info["test"]; !test.is_null()) {
    line("test", fmt::format("{} sentences, beam {}: {}", test["sentences"].get<long>(), test["beam"].get<int>(),
                             json_figures(test)));
  }
  for (const auto& [title, key] :
       {std::pair{"about", "text"}, {"licence", "licence"}, {"data", "source"}, {"citation", "citation"}}) {
    const auto text = info["about"][key].get<std::string>();
    if (!text.empty()) line(title, indented(text));
  }
  return out;
}

std::string verified(const std::filesystem::path& folder) {
  const Checksums sums = Checksums::load(folder);
  if (sums.empty()) return fmt::format("{}: has no checksums", folder.string());
  sums.check_all_but({});
  return fmt::format("{}: {} files are as they were written", folder.string(), sums.size());
}

struct InfoCommand {
  std::string directory;
  std::string output;
  bool json = false;
  bool verify = false;

  void run() const {
    Output out(output);
    if (verify) return verify_files(out);
    const Json info = describe(Bundle::load(directory), directory);
    out.write(json ? info.dump() + "\n" : to_text(info));
    out.finish();
  }

  void verify_files(Output& out) const {
    Bundle::load(directory);
    const std::string text = read_directory(directory, [this] {
      std::string lines = verified(directory) + "\n";
      const std::filesystem::path state = std::filesystem::path(directory) / kTrainingState;
      if (std::filesystem::exists(state)) lines += verified(state) + "\n";
      return lines;
    });
    out.write(text);
    out.finish();
  }
};

}  // namespace

void add_info(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "what a trained model is made of");
  auto options = std::make_shared<InfoCommand>();
  command->add_option("directory,-m,--model", options->directory, "directory of a trained model")
      ->type_name("DIR")
      ->required();
  add_output(*command, options->output);
  add_json_format(*command, options->json, "json");
  command->add_flag("--verify", options->verify,
                    "compare all files, those of training_state too, with their checksums instead");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

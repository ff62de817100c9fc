#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/settings.h"
#include "heed/model/file_names.h"
#include "heed/model/seq2seq.h"
#include "heed/train/position.h"
#include "model_output.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;

void check_same(const TextSide& a, const TextSide& b, const std::string& what) {
  bool same = a.vocabulary_size() == b.vocabulary_size() && a.options().tokenizer == b.options().tokenizer &&
              a.options().lowercase == b.options().lowercase && a.has_features_of(b);
  for (int id = 0; same && id < a.vocabulary_size(); ++id) same = a.token(id) == b.token(id);
  if (!same) throw Error(what + " differ in their vocabularies: their weights mean different things");
}

/// Throws Error where a key of the model differs: what has no parameters does not show in the arrays.
void check_same(Config a, Config b, const std::string& what) {
  const Settings first = a.settings();
  const Settings second = b.settings();
  for (const std::string& key : first.keys()) {
    const bool counts = key.starts_with("model.") || key == "data.target.reversed" || key == "data.source.end";
    if (!counts || key.starts_with("model.dropout.") || first.value(key) == second.value(key)) continue;
    throw Error(
        fmt::format("{} are different models: {} is {} and {}", what, key, first.value(key), second.value(key)));
  }
}

/// Throws Error unless the arrays of both have the same names and shapes.
void check_same(const Bundle& a, const Bundle& b, const std::string& what) {
  check_same(a.source, b.source, what);
  check_same(a.target, b.target, what);
  check_same(a.config, b.config, what);
  const auto first = a.model->parameters().all();
  const auto second = b.model->parameters().all();
  bool same = first.size() == second.size();
  for (std::size_t i = 0; same && i < first.size(); ++i) {
    same = first[i]->name == second[i]->name && first[i]->rows() == second[i]->rows() &&
           first[i]->columns() == second[i]->columns();
  }
  if (!same) throw Error(what + " are different models: see `heed info` of both");
}

/// Adds a model's weights to sums, one for each parameter.
void add(const Seq2Seq& model, std::vector<std::vector<double>>& sums) {
  const auto parameters = model.parameters().all();
  sums.resize(parameters.size());
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const Tensor& value = parameters[p]->value.view();
    sums[p].resize(static_cast<std::size_t>(value.size()));
    for (std::size_t i = 0; i < sums[p].size(); ++i) sums[p][i] += static_cast<double>(value.data[i]);
  }
}

/// A model of the same shapes with the means as its weights.
std::shared_ptr<const Seq2Seq> mean_of(const Bundle& bundle, const std::vector<std::vector<double>>& sums,
                                       double count) {
  auto out = std::make_shared<Seq2Seq>(bundle.config.model, SourceTables(bundle.config.model, bundle.source),
                                       bundle.target.vocabulary_size());
  const auto parameters = out->parameters().all();
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    parameters[p]->value = Buffer(parameters[p]->rows(), parameters[p]->columns());
    float* value = parameters[p]->value.view().data;
    for (std::size_t i = 0; i < sums[p].size(); ++i) value[i] = static_cast<float>(sums[p][i] / count);
  }
  return out;
}

/// What is said about any of the models, each text once.
AboutOptions about_all(const std::vector<AboutOptions>& models) {
  AboutOptions out;
  for (std::string AboutOptions::*field :
       {&AboutOptions::licence, &AboutOptions::source, &AboutOptions::citation, &AboutOptions::text}) {
    std::vector<std::string> said;
    for (const AboutOptions& about : models) {
      const std::string& text = about.*field;
      if (!text.empty() && std::find(said.begin(), said.end(), text) == said.end()) said.push_back(text);
    }
    out.*field = fmt::format("{}", fmt::join(said, "\n"));
    if ((out.*field).size() > AboutOptions::kLongest)
      throw Error(
          "what is said about the models (about) is together too long: `heed quantize --about` makes it shorter");
  }
  return out;
}

/// The newest bundles of runs, as training.keep_last keeps them.
std::vector<std::string> newest_of(const std::vector<std::string>& runs, int count) {
  std::vector<std::string> out;
  for (const std::string& run : runs) {
    std::vector<std::pair<long, std::string>> all;
    // Other folders of such names are somebody's own, or of a run that was there before.
    const std::optional<std::vector<long>> kept = kept_bundles(run);
    const auto is_of_run = [&](long update) {
      return !kept || std::find(kept->begin(), kept->end(), update) != kept->end();
    };
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(fs::path(run) / kCheckpoints, none)) {
      const std::string name = entry.path().filename().string();
      long update = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), update);
      if (error == std::errc() && end == name.data() + name.size() && is_of_run(update))
        all.emplace_back(update, entry.path().string());
    }
    if (all.size() < static_cast<std::size_t>(count)) {
      throw Error::at({.file = run}, fmt::format("has {} of this run in {}/, not {}: training.keep_last keeps them",
                                                 count_of(all.size(), "bundle"), kCheckpoints, count));
    }
    std::sort(all.begin(), all.end());
    for (auto each = all.end() - count; each != all.end(); ++each) out.push_back(each->second);
  }
  return out;
}

struct AverageCommand {
  std::vector<std::string> given;
  std::string output;
  int last = 0;

  void run() const {
    const std::vector<std::string> models = last > 0 ? newest_of(given, last) : given;
    if (models.size() == 1) {
      throw UsageError(
          fmt::format("the mean of one model is that model: name several, or {}",
                      last > 0 ? "a larger --last" : "say --last N for the newest of a run's checkpoints/"));
    }
    ModelOutput made(output, models);
    Bundle first = Bundle::load(models.front(), Precision::kFloat32);
    std::vector<std::vector<double>> sums;
    add(*first.model, sums);
    OutputLimit limit = first.config.data.output_limit();
    std::vector<AboutOptions> abouts = {first.config.about};
    for (std::size_t i = 1; i < models.size(); ++i) {
      const Bundle other = Bundle::load(models[i], Precision::kFloat32);
      limit = OutputLimit::widest(limit, other.config.data.output_limit());
      check_same(first, other, fmt::format("'{}' and '{}'", models.front(), models[i]));
      add(*other.model, sums);
      abouts.push_back(other.config.about);
    }
    first.model = mean_of(first, sums, static_cast<double>(models.size()));
    first.config.data.max_output = limit.text();
    first.config.about = about_all(abouts);
    made.write(first, Precision::kFloat32);
  }
};

}  // namespace

void add_average(CLI::App& app) {
  CLI::App* command = app.add_subcommand("average", "a model whose weights are the mean of several");
  auto options = std::make_shared<AverageCommand>();
  command
      ->add_option("models,-m,--model", options->given, "directories of models of one configuration and one vocabulary")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "directory of the new model; replaces an existing model without training_state")
      ->type_name("DIR")
      ->check(is_named())
      ->required();
  command
      ->add_option("--last", options->last,
                   "of each DIR, a run, the newest N bundles in its checkpoints/ (training.keep_last)")
      ->type_name("N")
      ->check(in_range(1, 1000));
  command->footer(
      "Meant for states of one training, or trainings that go on from one state: models that were trained apart\n"
      "have nothing to average (`heed translate` with several --model combines those).");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

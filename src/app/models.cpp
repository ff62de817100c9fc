#include "models.h"

#include <fmt/format.h>

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"

namespace heed::app {

void ModelsCommand::add_models(CLI::App& command) {
  command.add_option("-m,--model", models, "directory of a trained model; given several times, an ensemble")
      ->type_name("DIR")
      ->required()
      ->allow_extra_args(false);
  command
      .add_option("--model-weights", ensemble.weights,
                  "of several models: the share of each in what they say and attend to (default: all alike)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("W,W")
      ->check(in_range(1e-6, 1e6));
}

void ModelsCommand::add_combine(CLI::App& command) {
  const auto read = [this](const std::string& how) {
    ensemble.combine = how == "mean" ? Combine::kMean : Combine::kLogLinear;
  };
  command
      .add_option_function<std::string>("--combine", read,
                                        "of several models: the mean of their probabilities, or the geometric mean, "
                                        "made to sum to 1 again")
      ->check(one_of({"mean", "log-linear"}))
      ->default_str("mean");
}

void ModelsCommand::refuse_idle_models(const CLI::App& command) const {
  for (const char* flag : {"--model-weights", "--combine"}) {
    if (command.get_option_no_throw(flag) == nullptr) continue;
    refuse_idle(command, flag, models.size() == 1, "on one --model: it says how several go together");
  }
  if (!ensemble.weights.empty() && ensemble.weights.size() != models.size()) {
    throw UsageError(
        fmt::format("--model-weights: there are {} for {} of --model", ensemble.weights.size(), models.size()));
  }
}

std::vector<Bundle> ModelsCommand::load_bundles(bool attention) const {
  std::vector<Bundle> out;
  bool attends = false;
  for (const std::string& directory : models) {
    out.push_back(Bundle::load(directory, chosen_precision(precision)));
    attends = attends || out.back().model->decoder().attends();
  }
  if (attention && !attends) check_attends(out.front(), models.front());
  return out;
}

}  // namespace heed::app

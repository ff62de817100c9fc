#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/base/utf8.h"
#include "model_output.h"

namespace heed::app {
namespace {

struct QuantizeCommand {
  std::string model;
  std::string output;
  std::string precision = name_of(Precision::kInt8);
  std::vector<std::string> about;

  void run() const {
    Config checked;
    say(checked);
    ModelOutput made(output, std::span(&model, 1));
    Bundle bundle = Bundle::load(model, Precision::kFloat32);
    say(bundle.config);
    made.write(bundle, find_precision(precision));
  }

  /// Sets what --about gives.
  void say(Config& config) const {
    Settings settings = config.settings();
    for (const std::string& said : about) {
      const std::size_t equals = said.find('=');
      if (equals == std::string::npos) throw UsageError("--about: expected KEY=TEXT, such as licence=CC0-1.0");
      const std::string text = said.substr(equals + 1);
      if (utf8::first_invalid(text)) throw UsageError("--about: invalid UTF-8");
      // A text of JSON is one of YAML too.
      settings.set(fmt::format("about.{}={}", said.substr(0, equals), nlohmann::json(text).dump()));
    }
  }
};

}  // namespace

void add_quantize(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("quantize", "a model with its weights in int8, a quarter of the size, or bfloat16");
  auto options = std::make_shared<QuantizeCommand>();
  command->add_option("model,-m,--model", options->model, "directory of a trained model")->type_name("DIR")->required();
  command
      ->add_option("-o,--output", options->output,
                   "directory of the new model; replaces an existing model without training_state")
      ->type_name("DIR")
      ->check(is_named())
      ->required();
  command->add_option("--precision", options->precision, "of the weights: int8, or bfloat16 for half of the size")
      ->type_name("WORD")
      ->capture_default_str()
      ->check(one_of({name_of(Precision::kInt8), name_of(Precision::kBfloat16)}));
  command
      ->add_option("--about", options->about,
                   "what the new model says of itself, for `heed info`: licence, source (of its data), citation or "
                   "text; may be given several times, the rest is as the model has it")
      ->type_name("KEY=TEXT")
      ->allow_extra_args(false);
  command->footer(
      "In int8 it translates exactly as `heed translate --precision int8` does with the original, and is ready at "
      "once:\n"
      "its files are memory-mapped, and shared by all processes that use them. In bfloat16 embeddings are rounded "
      "beside\n"
      "the weights; it can be averaged, started from and quantized to int8, and translates in any --precision.");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "model_output.h"

namespace heed::app {
namespace {

struct QuantizeCommand {
  std::string model;
  std::string output;

  void run() const {
    ModelOutput made(output, std::span(&model, 1));
    made.write(Bundle::load(model, Precision::kFloat32), Precision::kInt8);
  }
};

}  // namespace

void add_quantize(CLI::App& app) {
  CLI::App* command = app.add_subcommand("quantize", "a model with its weights in int8: a quarter of the size");
  auto options = std::make_shared<QuantizeCommand>();
  command->add_option("model,-m,--model", options->model, "directory of a trained model")->type_name("DIR")->required();
  command
      ->add_option("-o,--output", options->output,
                   "directory of the new model; replaces an existing model without training_state")
      ->type_name("DIR")
      ->check(is_named())
      ->required();
  command->footer(
      "It translates exactly as `heed translate --precision int8` does with the original, and is ready at once: its\n"
      "files are memory-mapped, and shared by all processes that use them.");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

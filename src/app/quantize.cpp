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
  std::string precision = name_of(Precision::kInt8);

  void run() const {
    ModelOutput made(output, std::span(&model, 1));
    made.write(Bundle::load(model, Precision::kFloat32), find_precision(precision));
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
  command->footer(
      "In int8 it translates exactly as `heed translate --precision int8` does with the original, and is ready at "
      "once:\n"
      "its files are memory-mapped, and shared by all processes that use them. In bfloat16 embeddings are rounded "
      "beside\n"
      "the weights; it can be averaged, started from and quantized to int8, and translates in any --precision.");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

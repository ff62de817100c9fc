#include <CLI/CLI.hpp>
#include <memory>
#include <span>

#include "commands.h"
#include "common_options.h"
#include "heed/model/bundle.h"
#include "heed/onnx/onnx_files.h"
#include "model_output.h"

namespace heed::app {
namespace {

constexpr const char* kOnnx = "onnx";

struct ExportCommand {
  std::string model;
  std::string output;
  std::string format;

  void run() const {
    FolderOutput made(output, std::span(&model, 1), {"an export to ONNX", has_onnx_files, is_onnx_file});
    write_onnx(made.path(), Bundle::load(model, Precision::kFloat32));
    made.commit();
  }
};

}  // namespace

void add_export(CLI::App& app) {
  CLI::App* command = app.add_subcommand("export", "a model in the format of another runtime");
  auto options = std::make_shared<ExportCommand>();
  command->add_option("model,-m,--model", options->model, "directory of a trained model")->type_name("DIR")->required();
  command->add_option("--format", options->format, "onnx: encoder and decoder step for ONNX Runtime and its kin")
      ->type_name("WORD")
      ->check(one_of({kOnnx}))
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "directory of what is written; replaces an earlier export as a whole")
      ->type_name("DIR")
      ->check(is_named())
      ->required();
  command->footer(
      "ONNX: encoder.onnx, decoder_step.onnx, the vocabularies, and heed.json with what a loop around them has to "
      "know\n"
      "(docs/onnx.md). Products are in float32; a model in bfloat16 is written so too, one in int8 is refused.\n\n"
      "  heed export --model runs/en-fr --format onnx --output runs/en-fr.onnx\n"
      "  python3 examples/onnx_translate.py runs/en-fr.onnx < text");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app

#include <CLI/CLI.hpp>
#include <memory>
#include <span>

#include "commands.h"
#include "common_options.h"
#include "heed/model/bundle.h"
#include "heed/onnx/onnx_files.h"
#include "model_output.h"
#include "page_export.h"

namespace heed::app {
namespace {

constexpr const char* kOnnx = "onnx";
constexpr const char* kPage = "page";

struct ExportCommand {
  std::string model;
  std::string output;
  std::string format;
  std::string program;

  void run(const CLI::App& command) const {
    if (format == kPage) return PageExport{model, output, program}.run();
    refuse_idle(command, "--program", true, "with --format onnx");
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
  command
      ->add_option(
          "--format", options->format,
          "onnx: encoder and decoder step for ONNX Runtime and its kin; page: one HTML file that translates in a "
          "browser, without network")
      ->type_name("WORD")
      ->check(one_of({kOnnx, kPage}))
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "onnx: directory of what is written; replaces an earlier export as a whole; page: file")
      ->type_name("PATH")
      ->check(is_named())
      ->required();
  command
      ->add_option(
          "--program", options->program,
          "heed.wasm, the program of a page, which scripts/wasm builds; default: that beside heed, or installed "
          "with it")
      ->type_name("FILE")
      ->check(is_named());
  command->footer(
      "ONNX: encoder.onnx, decoder_step.onnx, the vocabularies, and heed.json with what a loop around them has to "
      "know\n"
      "(docs/onnx.md). Products are in float32; a model in bfloat16 is written so too, one in int8 is refused.\n\n"
      "  heed export --model runs/en-fr --format onnx --output runs/en-fr.onnx\n"
      "  python3 examples/onnx_translate.py runs/en-fr.onnx < text\n\n"
      "Page: the model in int8 (docs/page.md). Models that normalise their text, or read source features, are "
      "refused.\n\n"
      "  heed export --model runs/en-fr --format page --output en-fr.html");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app

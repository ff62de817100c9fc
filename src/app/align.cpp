#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/record/translation.h"
#include "output.h"
#include "score_files.h"

namespace heed::app {
namespace {

struct AlignCommand {
  std::string model;
  PairFiles files;
  bool progress = false;
  std::string output;
  std::string precision;
  ScoreOptions options;

  void run(const CLI::App& command) const {
    files.check(command);
    Output out(output, files.inputs());
    const Bundle bundle = Bundle::load(model, chosen_precision(precision));
    check_attends(bundle, model);
    score_files(files, progress, {std::span(&bundle, 1)}, options, out, [](const Translated& scored) {
      return to_pharaoh(align_words(scored, scored.translations.front())) + "\n";
    });
    out.finish();
  }
};

}  // namespace

void add_align(CLI::App& app) {
  CLI::App* command = app.add_subcommand("align", "word alignments of given translations, from the attention");
  auto options = std::make_shared<AlignCommand>();
  command->add_option("-m,--model", options->model, "directory of a trained model with attention")
      ->type_name("DIR")
      ->required();
  options->files.add(*command);
  add_output(*command, options->output);
  add_progress(*command, options->progress);
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "Writes Pharaoh lines: i-j links source word i to target word j, counted from 0; words are separated by\n"
      "spaces. A target word is linked to the source word that got most of its attention, and to none if that is\n"
      "the end of the sentence, or if the target word has no token, as a U+3000 alone. `heed evaluate --metrics aer`\n"
      "compares such lines with those of people.");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app

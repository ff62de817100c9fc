// What the front door (docs/cpp.md) offers, without a header of the engine: cmake/PackageConsumers.cmake compiles it
// where none is installed, and runs it with the name of no config.
#include <heed/base/error.h>
#include <heed/base/version.h>
#include <heed/data/corpus.h>
#include <heed/metrics/aer.h>
#include <heed/metrics/registry.h>
#include <heed/model/bundle.h>
#include <heed/model/config.h>
#include <heed/record/json_lines.h>
#include <heed/record/translation.h>
#include <heed/train/trainer.h>
#include <heed/translate/dictionary.h>
#include <heed/translate/shortlist.h>
#include <heed/translate/translator.h>
#include <heed/view/attention_picture.h>
#include <heed/view/page.h>

#include <iostream>

using namespace heed;

int main(int, char** argv) try {
  std::cout << kVersion << ' ' << evaluate_metric("bleu", {"a b c d"}, {{"a b c d"}}).value << ' '
            << aer(std::vector<std::string>{"0-0"}, {"0-0 1-1"}).score << '\n';
  Config config = Config::load(argv[1], {"training.epochs=1"});
  config.model.attention.kind = "luong-dot";
  const TrainingReport report = train(config, {.mode = TrainingMode::kReplace});
  const Bundle bundle = Bundle::load(config.output, Precision::kFloat32);
  const std::vector<SentencePair> pairs = read_corpus(config.data.validation);
  const Shortlist shortlist = shortlist_of_attention(bundle, pairs);
  shortlist.save("shortlist", bundle.source, bundle.target);
  TranslateOptions options{.attention = true, .replace_unknown = true};
  options.shortlist = std::make_shared<const Shortlist>(shortlist);
  options.dictionary = std::make_shared<const Dictionary>(Dictionary::load("dictionary"));
  const Translator translator({bundle});
  for (const SentencePair& pair : pairs) {
    const Translated answer = translator.translate(pair.source, options);
    std::cout << to_json_line(answer) << to_pharaoh(align_words(answer, answer.translations.front())) << '\n'
              << render_terminal(picture_of(answer, {}), {});
  }
  const Translated scored = score_pairs(bundle, pairs).front();
  ViewedSentence viewed{scored};
  viewed.references = {pairs.front().target};
  std::cout << report.best.perplexity << render_svg(std::vector{picture_of(viewed, {})}, {})
            << render_page(std::vector{PageModel{.name = config.output, .sentences = {viewed}}}, {});
} catch (const Error& error) {
  std::cout << static_cast<int>(error.kind()) << ' ' << error.place().file << '\n' << error.what() << '\n';
  return 1;
}

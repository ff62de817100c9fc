// A mechanism of your own from C++: trains with it as a config says, translates standard input and shows where it
// looked.
//   custom-attention CONFIG.yaml < sentences
#include <heed/train/trainer.h>
#include <heed/translate/translator.h>
#include <heed/view/attention_picture.h>
#include <unistd.h>

#include <iostream>

#include "gated_general.h"

#ifdef HEED_CONFORMANCE  // the tests that every mechanism passes
#include <heed/testing/attention_conformance.h>
TEST(GatedGeneral, DoesWhatEveryMechanismDoes) { conformance::check(kGatedGeneral); }
#else
void say(const ValidationResult& v) {
  std::cerr << "epoch " << v.epoch << "  perplexity " << v.perplexity << "  exact " << v.value("accuracy") << " %\n";
}

int main(int argc, char** argv) {
  add_attention_kind(kGatedGeneral);
  const Config config = Config::load(argc > 1 ? argv[1] : "custom.yaml", {});
  train(config, {.events = {.validated = say}});
  const Translator translator({Bundle::load(config.output)});
  const TerminalOptions looks{.colour = isatty(STDOUT_FILENO) != 0};  // no colour codes in files
  for (std::string sentence; std::getline(std::cin, sentence);) {
    const Translated answer = translator.translate(sentence, {.attention = true});
    const Translation& best = answer.translations.front();
    std::cout << best.text << '\n' << render_terminal({answer.source_tokens, best.tokens, best.attention}, looks);
  }
}
#endif

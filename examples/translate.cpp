// translate MODEL < sentences > translations
#include <heed/base/error.h>
#include <heed/translate/translator.h>

#include <iostream>

int main(int argc, char** argv) try {
  const heed::Translator translator({heed::Bundle::load(argc > 1 ? argv[1] : "runs/demo/model")});
  for (std::string sentence; std::getline(std::cin, sentence);) {
    const heed::Translated answer = translator.translate(sentence, {.attention = true});
    const heed::Translation& best = answer.translations.front();
    std::cout << best.text << '\n';  // best.attention[t][s]: where target token t looked
  }
} catch (const heed::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

// heed-extract-help: a parallel corpus from the LibreOffice help pages of two languages
// (recipes/translate-libreoffice/README.md).
#include <exception>
#include <iostream>
#include <string>

#include "heed/base/error.h"
#include "help_pages.h"

namespace {

int run(const std::string& english, const std::string& other, const std::string& language, const std::string& output) {
  const heed::recipes::HelpCorpus corpus = heed::recipes::build_corpus(english, other);
  if (corpus.train.empty()) {
    throw heed::Error(english + " and " + other + ": no pair found in " + std::to_string(corpus.pages) +
                      " common pages; give the 'text' directories of two help packages");
  }
  heed::recipes::write_corpus(corpus, {"en", language}, output);
  std::cerr << output << ": " << corpus.train.size() << " train, " << corpus.dev.size() << " dev, "
            << corpus.test.size() << " test pairs (" << corpus.test_strict.size()
            << " of them without near copies in train) from " << corpus.pages << " pages, " << corpus.unaligned
            << " of them aligned by paragraph ids only\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "heed-extract-help: usage: heed-extract-help ENGLISH_PAGES OTHER_PAGES LANGUAGE OUTPUT_DIRECTORY\n";
    return 2;
  }
  try {
    return run(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::cerr << "heed-extract-help: " << error.what() << '\n';
    return 1;
  }
}

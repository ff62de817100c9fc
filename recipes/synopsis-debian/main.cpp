// heed-extract-synopses: descriptions of packages and their synopses, from what apt has of them
// (recipes/synopsis-debian/README.md).
#include <exception>
#include <iostream>
#include <string>

#include "heed/base/error.h"
#include "synopses.h"

namespace {

int run(const std::string& output) {
  const heed::recipes::SynopsisCorpus corpus = heed::recipes::build_synopses(std::cin);
  if (corpus.train.empty()) {
    throw heed::Error("standard input: no description found in " + std::to_string(corpus.packages) +
                      " packages; give what `/usr/lib/apt/apt-helper cat-file` prints of a Translation-en");
  }
  heed::recipes::write_corpus(corpus, {"src", "tgt"}, output);
  std::cerr << output << ": " << corpus.train.size() << " train, " << corpus.dev.size() << " dev, "
            << corpus.test.size() << " test pairs (" << corpus.test_strict.size()
            << " of them without near copies in train) from " << corpus.packages << " packages\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "heed-extract-synopses: usage: heed-extract-synopses OUTPUT_DIRECTORY < Translation-en\n";
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "heed-extract-synopses: " << error.what() << '\n';
    return 1;
  }
}

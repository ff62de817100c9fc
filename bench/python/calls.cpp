// calls MODEL BEAM ATTENTION: sentences from standard input, up to a blank line; then for each line "go" translates
// each of them in a call of its own, and writes the seconds of processor time that all took. The other side of
// bench/python/calls.
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "heed/translate/translator.h"

namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const heed::Translator translator({heed::Bundle::load(arguments[1])});
  heed::TranslateOptions options;
  options.beam = std::stoi(arguments[2]);
  options.attention = std::string(arguments[3]) == "1";
  std::vector<std::string> sentences;
  for (std::string line; std::getline(std::cin, line) && !line.empty();) sentences.push_back(line);
  std::size_t bytes = 0;
  heed::Translated answer;
  for (std::string line; std::getline(std::cin, line);) {
    const double begin = thread_seconds();
    for (const std::string& sentence : sentences) {
      answer = translator.translate(sentence, options);  // which lives until the next one, as it does in Python
      bytes += answer.translations.front().text.size();
    }
    std::cout << thread_seconds() - begin << std::endl;
  }
  std::cerr << bytes << " bytes\n";
}

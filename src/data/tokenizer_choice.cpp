#include "heed/data/tokenizer_choice.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <unordered_set>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "training_text.h"

namespace heed {
namespace {

constexpr int kPairs = 10000;            // that are looked at
constexpr std::size_t kSymbols = 256;    // most different ones of a side that has symbols
constexpr std::size_t kRepeats = 20;     // and how often each comes at least, on average
constexpr std::size_t kWordLength = 20;  // characters of a single word, on average; scripts without spaces have more
constexpr double kSingle = 0.95;         // share of lines of single words

/// Counts of a side's first lines.
class Sample {
 public:
  void add(std::string_view line) {
    const auto words = utf8::words(line);
    if (words.empty()) return;
    ++lines_;
    words_ += words.size();
    if (words.size() == 1) {
      ++single_;
      characters_ += utf8::chars(words.front()).size();
    }
    for (const std::string_view word : words) {
      if (different_.size() <= kSymbols) different_.emplace(word);
    }
  }
  bool has_symbols() const { return different_.size() <= kSymbols && words_ >= kRepeats * different_.size(); }
  bool has_single_words() const { return single() >= kSingle && characters_ <= kWordLength * single_; }
  std::string tokenizer() const {
    if (has_symbols()) return "spaces";
    return has_single_words() ? "characters" : "sentencepiece";
  }
  std::string reason() const {
    if (has_symbols()) return fmt::format("{} different words in {} lines", different_.size(), lines_);
    return fmt::format("{:.0f} % of {} lines are single words", 100 * single(), lines_);
  }

 private:
  double single() const { return lines_ > 0 ? static_cast<double>(single_) / static_cast<double>(lines_) : 0; }

  std::unordered_set<std::string> different_;
  std::size_t lines_ = 0, words_ = 0, single_ = 0;
  std::size_t characters_ = 0;  // of single words
};

void check_read_twice(const CorpusFiles& files) {
  for (const std::string& path : {files.source, files.target, files.tsv}) {
    std::error_code ignored;
    if (path.empty() || std::filesystem::is_regular_file(path, ignored)) continue;
    throw UsageError(fmt::format("data.source.tokenizer and data.target.tokenizer: auto reads the first lines of the "
                                 "training text, and {} can be read only once: name them (`heed list tokenizers`)",
                                 path == "-" ? "standard input" : path),
                     {.key = "data.source.tokenizer"});
  }
}

void check_no_model(const TextOptions& side, const char* name) {
  if (side.model.empty()) return;
  throw UsageError(
      fmt::format("data.{0}.tokenizer: auto does not look into data.{0}.model; name it: sentencepiece for a "
                  "model of SentencePiece, or words, characters or spaces for a vocabulary",
                  name),
      {.key = fmt::format("data.{}.tokenizer", name)});
}

/// Lines that are no pairs, and files that end too early, are refused when all is read.
void read_sample(const CorpusFiles& files, Sample& source, Sample& target) try {
  PairReader reader(files);
  for (int i = 0; i < kPairs; ++i) {
    const std::optional<PairLine> pair = reader.next();
    if (!pair) return;
    if (!pair->fault.empty()) continue;
    source.add(pair->source);
    target.add(pair->target);
  }
} catch (const Error&) {
}

}  // namespace

void choose_tokenizers(DataOptions& options, bool alike, const LogSink& log) {
  TextOptions& left = options.source;
  TextOptions& right = options.target;
  if (alike && left.is_auto() != right.is_auto())
    (left.is_auto() ? left : right).tokenizer = (left.is_auto() ? right : left).tokenizer;
  if (!left.is_auto() && !right.is_auto()) return;
  check_training_files(options);
  const CorpusFiles files = options.corpora().front();
  check_read_twice(files);
  Sample sources, targets;
  read_sample(files, sources, targets);
  const auto choose = [&](TextOptions& side, const char* name, const Sample& sample) {
    if (!side.is_auto()) return;
    check_no_model(side, name);
    side.tokenizer = sample.tokenizer();
    log(LogLevel::kInfo, fmt::format("data.{}.tokenizer: {}, chosen as {}", name, side.tokenizer, sample.reason()));
  };
  choose(left, "source", sources);
  choose(right, "target", targets);
  if (!alike || left.tokenizer == right.tokenizer) return;
  left.tokenizer = right.tokenizer = "sentencepiece";
  log(LogLevel::kInfo, "both sides have to be cut alike, and therefore have the tokenizer sentencepiece");
}

}  // namespace heed

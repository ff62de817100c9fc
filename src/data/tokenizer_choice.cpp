#include "heed/data/tokenizer_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"
#include "training_text.h"

namespace heed {
namespace {

constexpr long kPairs = 10000;       // that are looked at, of all corpora
constexpr long kManyPairs = 100000;  // below this SentencePiece makes kFewPieces: rare ones are not learnt
constexpr int kFewPieces = 4000;
constexpr std::size_t kSymbols = 256;    // most different ones of a side that has symbols
constexpr std::size_t kRepeats = 20;     // and in how many lines each is at least, on average
constexpr std::size_t kWordLength = 20;  // characters of a single word, on average; scripts without spaces have more
constexpr std::size_t kLongWord = 5 * kWordLength;  // a longer one counts as that, so that a few decide nothing
constexpr double kSingle = 0.95;                    // share of lines of single words

/// Counts of a side's lines.
class Sample {
 public:
  void add(const std::vector<std::string_view>& words) {
    ++lines_;
    if (words.size() == 1) {
      ++single_;
      characters_ += std::min(utf8::chars(words.front()).size(), kLongWord);
    }
    const std::unordered_set<std::string_view> once(words.begin(), words.end());
    words_ += once.size();
    for (const std::string_view word : once) {
      if (different_.size() <= kSymbols) different_.emplace(word);
    }
  }
  bool is_empty() const { return lines_ == 0; }
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
  std::size_t lines_ = 0, single_ = 0;
  std::size_t words_ = 0;       // each once a line
  std::size_t characters_ = 0;  // of single words
};

/// Both sides of the first pairs that could be trained on.
class PairSample {
 public:
  explicit PairSample(const DataOptions& options) : options_(options) {
    const std::vector<CorpusFiles> corpora = options.corpora();
    double weight = 0;
    for (const CorpusFiles& files : corpora) weight += files.weight;
    for (const CorpusFiles& files : corpora) {
      const double share = weight > 0 ? files.weight / weight : 1 / static_cast<double>(corpora.size());
      read(files, std::max(std::lround(share * kPairs), 1L));
    }
  }

  Sample source, target;
  bool is_small() const { return pairs_ < kManyPairs; }

 private:
  /// Lines that are no pairs, and files that end too early, are refused when all is read.
  void read(const CorpusFiles& files, long most) try {
    PairReader reader(files);
    while (most > 0 || pairs_ < kManyPairs) {
      const std::optional<PairLine> pair = reader.next();
      if (!pair) return;
      if (!pair->fault.empty()) continue;
      ++pairs_;
      if (most == 0) continue;
      const auto sources = utf8::words(pair->source), targets = utf8::words(pair->target);
      if (is_left_out(sources, options_.source) || is_left_out(targets, options_.target)) continue;
      source.add(sources);
      target.add(targets);
      --most;
    }
  } catch (const Error&) {
  }

  /// Whatever its tokens are.
  static bool is_left_out(const std::vector<std::string_view>& words, const TextOptions& side) {
    return words.empty() || (side.max_length > 0 && words.size() > static_cast<std::size_t>(side.max_length));
  }

  const DataOptions& options_;
  long pairs_ = 0;  // up to kManyPairs, or more
};

void check_read_twice(const DataOptions& options) {
  const char* sides = !options.target.is_auto()   ? "data.source.tokenizer is auto"
                      : !options.source.is_auto() ? "data.target.tokenizer is auto"
                                                  : "data.source.tokenizer and data.target.tokenizer are auto";
  for (const CorpusFiles& files : options.corpora()) {
    for (const auto& [key, path] :
         {std::pair("source", &files.source), std::pair("target", &files.target), std::pair("tsv", &files.tsv)}) {
      if (path->empty() || can_be_read_again(*path)) continue;
      const std::string name = fmt::format("data.train.{}", key);
      throw UsageError(
          fmt::format("{}: {} can be read only once, but {}, for which the first lines are read before the "
                      "training: name the tokenizer (`heed list tokenizers`)",
                      name, shown(*path), sides),
          {.file = shown(*path), .key = name});
    }
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

void limit_pieces(TextOptions& side) {
  if (side.vocabulary == TextOptions{}.vocabulary) side.vocabulary = kFewPieces;
}

}  // namespace

void choose_tokenizers(DataOptions& options, bool alike, const LogSink& log) {
  TextOptions& left = options.source;
  TextOptions& right = options.target;
  if (alike && left.is_auto() != right.is_auto())
    (left.is_auto() ? left : right).tokenizer = (left.is_auto() ? right : left).tokenizer;
  if (!left.is_auto() && !right.is_auto()) return;
  check_training_files(options);
  check_read_twice(options);
  const PairSample sample(options);
  const auto choose = [&](TextOptions& side, const char* name, const Sample& lines) {
    if (!side.is_auto()) return;
    check_no_model(side, name);
    side.tokenizer = lines.tokenizer();
    if (lines.is_empty()) return;  // what is wrong is said when all is read
    log(LogLevel::kInfo, fmt::format("data.{}.tokenizer: {}, chosen as {}", name, side.tokenizer, lines.reason()));
  };
  std::vector<TextOptions*> chosen;
  for (TextOptions* side : {&left, &right}) {
    if (side->is_auto()) chosen.push_back(side);
  }
  choose(left, "source", sample.source);
  choose(right, "target", sample.target);
  if (alike && left.tokenizer != right.tokenizer) {
    left.tokenizer = right.tokenizer = "sentencepiece";
    log(LogLevel::kInfo, "both sides have to be cut alike, and therefore have the tokenizer sentencepiece");
  }
  for (TextOptions* side : chosen) {
    if (side->uses_sentencepiece() && sample.is_small()) limit_pieces(*side);
  }
}

}  // namespace heed

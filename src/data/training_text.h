#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/data/held_out.h"
#include "heed/data/pair_reader.h"
#include "heed/text/text_side_builder.h"

namespace heed {

/// The training corpora, read and cut into tokens.
struct TrainingText {
  TokenizedText source;
  TokenizedText target;
  std::vector<PairOrigin> origins;  // of each pair
  FlatLists<int> links;             // of each pair, its linked target and source words; empty where no corpus has any
  std::vector<long> lines;          // of each corpus
  std::vector<SentencePair> held_out;  // without data.validation
  std::vector<PairOrigin> held_out_origins;
};

/// The corpus of a fault that is of all of them.
inline constexpr int kNoCorpus = -1;

/// Called for a line that is no pair, or that was trimmed, for links that do not fit, whose file it names, for what
/// ends the reading of a corpus early, and with kNoCorpus for what no line is the cause of.
using FaultSink = std::function<void(const PairLine& line, int corpus)>;

/// What the corpora have beside the pairs that are trained on.
struct CorporaEnd {
  std::vector<long> lines;                  ///< of each corpus
  std::vector<SentencePair> held_out = {};  ///< without data.validation
  std::vector<PairOrigin> held_out_origins = {};
};

/// Gets a pair that is trained on, and its linked target and source words.
using TrainingPairVisit = std::function<void(const PairLine& pair, PairOrigin origin, std::span<const int> links)>;

/// Reads each corpus once, without holding it; the same files give the same pairs in the same order. `on_fault`: as in
/// read_training_text().
CorporaEnd for_each_training_pair(const DataOptions& options, const TrainingPairVisit& visit, const LogSink& log,
                                  const FaultSink& on_fault = {});

/// The source or target that options or `bundle` give; nothing where it is to be made of the text.
enum class SideOfPair { kSource, kTarget };
std::optional<TextSide> given_side(const DataOptions& options, const std::string& bundle, SideOfPair which);

/// A builder of each side: with the vocabulary that options or `bundle` name, else with one that it makes.
struct SideBuilders {
  SideBuilders(const DataOptions& options, const std::string& bundle);
  std::pair<TokenizedText, TokenizedText> finish(bool joint);

  TextSide::Builder source;
  TextSide::Builder target;
};

/// Reads each corpus once. With `on_fault` goes over what is wrong, where without it that is an Error; if none can be
/// held out, all pairs are trained on.
TrainingText read_training_text(const DataOptions& options, const std::string& bundle, const LogSink& log,
                                const FaultSink& on_fault = {});

/// Whether a file can be opened a second time: it is no pipe, and not standard input.
bool can_be_read_again(const std::string& path);
/// Throws UsageError or Error for files that are not named or not there, before long work.
void check_training_files(const DataOptions& options);

}  // namespace heed

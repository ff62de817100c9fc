#include "score_files.h"

#include <optional>
#include <vector>

#include "common_options.h"
#include "heed/data/corpus.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"

namespace heed::app {
namespace {

// Pairs that are read, and whose answers, with their attention, are held in memory together.
constexpr std::size_t kBlockPairs = 2048;

}  // namespace

void score_files(const CorpusFiles& files, const Bundle& bundle, const ScoreOptions& options, Output& out,
                 const std::function<std::string(const Translated&)>& text_of) {
  PairReader pairs(bundle.config.data.with_features(files, "--columns"));
  ScoreOptions how = options;
  how.source_name = shown(files.tsv.empty() ? files.source : files.tsv);
  how.target_name = shown(files.tsv.empty() ? files.target : files.tsv);
  UnknownShare unknown;
  std::vector<SentencePair> block;
  const auto answer = [&] {
    std::string text;
    for (const Translated& scored : score_pairs(bundle, block, how)) {
      text += text_of(scored);
      unknown.add(scored);
    }
    out.write(text);
    how.first_line += static_cast<long>(block.size());
    block.clear();
  };
  // Who asks with --batch 1 for answers one by one waits for each.
  const std::size_t most = options.batch_sentences == 1 ? 1 : kBlockPairs;
  while (const std::optional<PairLine> pair = pairs.next_pair()) {
    block.push_back(SentencePair(*pair));
    if (block.size() == most) answer();
  }
  if (!block.empty()) answer();
  unknown.warn_of_many();
}

}  // namespace heed::app

#include "score_files.h"

#include <algorithm>

#include "common_options.h"
#include "heed/data/corpus.h"
#include "heed/data/lines.h"

namespace heed::app {
namespace {

// Pairs whose answers, with their attention, are held in memory together.
constexpr std::size_t kBlockPairs = 2048;

}  // namespace

void score_files(const CorpusFiles& files, const Bundle& bundle, const ScoreOptions& options, Output& out,
                 const std::function<std::string(const Translated&)>& text_of) {
  const std::vector<SentencePair> pairs = read_corpus(bundle.config.data.with_features(files, "--columns"));
  ScoreOptions how = options;
  how.source_name = shown(files.tsv.empty() ? files.source : files.tsv);
  how.target_name = shown(files.tsv.empty() ? files.target : files.tsv);
  UnknownShare unknown;
  for (std::size_t first = 0; first < pairs.size(); first += kBlockPairs) {
    const auto block = std::span(pairs).subspan(first, std::min(kBlockPairs, pairs.size() - first));
    how.first_line = static_cast<long>(first) + 1;
    std::string text;
    for (const Translated& scored : score_pairs(bundle, block, how)) {
      text += text_of(scored);
      unknown.add(scored);
    }
    out.write(text);
  }
  unknown.warn_of_many();
}

}  // namespace heed::app

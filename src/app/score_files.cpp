#include "score_files.h"

#include "common_options.h"
#include "continuation.h"

namespace heed::app {
void for_each_block(const PairFiles& files, PairBlocks blocks, const DataOptions& data, const ScoreOptions& options,
                    const TakeBlock& take) {
  ScoreOptions how = options;
  how.source_name = files.source_name();
  how.target_name = files.target_name();
  // Who asks with --batch 1 for answers one by one waits for each.
  if (options.batch_sentences == 1) blocks.pairs = 1;
  for_each_block(files, &data, blocks, [&](std::span<const SentencePair> pairs, long first_line) {
    how.first_line = first_line;
    take(pairs, how);
  });
}

void score_files(const PairFiles& files, const PairBlocks& blocks, const Scorers& scorers, const ScoreOptions& options,
                 Output& out, const std::function<std::string(const Translated&)>& text_of) {
  UnknownShare unknown;
  const auto take = [&](std::span<const SentencePair> pairs, const ScoreOptions& how) {
    std::string text;
    for (const Translated& scored : score_pairs(scorers.bundles, pairs, how, scorers.ensemble)) {
      text += text_of(scored);
      unknown.add(scored);
    }
    out.write(text);
  };
  if (blocks.continuation != nullptr) blocks.continuation->keep(unknown.counts());
  for_each_block(files, blocks, scorers.bundles.front().config.data, options, take);
  unknown.warn_of_many();
}

}  // namespace heed::app

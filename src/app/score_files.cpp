#include "score_files.h"

#include <optional>
#include <vector>

#include "common_options.h"
#include "progress_line.h"

namespace heed::app {
namespace {

// Pairs that are read, and whose answers, with their attention, are held in memory together.
constexpr std::size_t kBlockPairs = 2048;

}  // namespace

void for_each_block(const PairFiles& files, bool progress, const DataOptions& data, const ScoreOptions& options,
                    const TakeBlock& take) {
  PairLines pairs(files, &data);
  ScoreOptions how = options;
  how.source_name = files.source_name();
  how.target_name = files.target_name();
  LineProgress answered(progress, files.files.source);  // of columns and JSON lines, what the lines have is not counted
  std::vector<SentencePair> block;
  const auto answer = [&] {
    take(block, how);
    how.first_line += static_cast<long>(block.size());
    std::size_t bytes = block.size();
    for (const SentencePair& pair : block) bytes += pair.source.size();
    answered.add(static_cast<long>(block.size()), bytes);
    block.clear();
  };
  // Who asks with --batch 1 for answers one by one waits for each.
  const std::size_t most = options.batch_sentences == 1 ? 1 : kBlockPairs;
  while (std::optional<SentencePair> pair = pairs.next()) {
    block.push_back(std::move(*pair));
    if (block.size() == most) answer();
  }
  if (!block.empty()) answer();
  answered.finish();
}

void score_files(const PairFiles& files, bool progress, const Scorers& scorers, const ScoreOptions& options,
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
  for_each_block(files, progress, scorers.bundles.front().config.data, options, take);
  unknown.warn_of_many();
}

}  // namespace heed::app

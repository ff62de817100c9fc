#include <algorithm>
#include <memory>
#include <numeric>

#include "attention_rows.h"
#include "heed/base/error.h"
#include "heed/base/stop.h"
#include "heed/translate/translator.h"
#include "read_side.h"
#include "score_ids.h"
#include "scorer_pool.h"
#include "sources.h"
#include "work.h"

namespace heed {
namespace {

/// Given targets, step by step, as a search that finds them would advance.
struct ForcedTargets {
  const Sources& sources;
  const std::vector<std::vector<int>>& targets;  // of each source, EOS the last
  const std::vector<LayersOfModel>& layers;
  bool attention;
  std::span<Translated> out;

  void score(BatchScorer& scorer, const std::vector<int>& batch) const;
  void take(BatchScorer& scorer, int row, int token, Translation& to) const;
};

void ForcedTargets::score(BatchScorer& scorer, const std::vector<int>& batch) const {
  const SourcesBatch read(sources, batch);
  scorer.start(read.views());
  std::vector<int> rows = batch;  // the source of each
  std::vector<int> parents(batch.size());
  std::iota(parents.begin(), parents.end(), 0);
  std::vector<int> tokens(batch.size(), Vocabulary::kBegin);
  for (std::size_t t = 0; !rows.empty(); ++t) {
    scorer.advance(parents, tokens);
    const std::vector<int> now = std::move(rows);
    rows.clear();
    parents.clear();
    tokens.clear();
    for (std::size_t r = 0; r < now.size(); ++r) {
      const std::vector<int>& target = targets[now[r]];
      take(scorer, static_cast<int>(r), target[t], out[sources.places[now[r]]].translations.front());
      if (t + 1 == target.size()) continue;
      rows.push_back(now[r]);
      parents.push_back(static_cast<int>(r));
      tokens.push_back(target[t]);
    }
  }
}

void ForcedTargets::take(BatchScorer& scorer, int row, int token, Translation& to) const {
  Continuation continuation;
  scorer.by(row, std::span(&token, 1), std::span(&continuation, 1));
  const auto log_probability = static_cast<double>(continuation.log_probability);
  if (continuation.copied) to.copied->push_back(static_cast<int>(to.log_probabilities.size()));
  to.log_probabilities.push_back(log_probability);
  to.log_probability += log_probability;
  to.score = to.log_probability / static_cast<double>(to.log_probabilities.size());
  if (!attention) return;
  AttentionRow weights = scorer.attention(row);
  if (!weights.mean.empty()) add_attention(std::move(weights), layers, to);
}

/// Reads both sides of a pair; of `out` its tokens, and the target's ids.
std::vector<int> read_pair(const SentencePair& pair, std::size_t place, const ScoreOptions& options, Sources& sources,
                           Translated& out) {
  const std::string* name = &options.source_name;
  try {
    std::vector<Encoding> encodings;
    for (const Bundle* bundle : sources.readers.of_reading)
      encodings.push_back(read_side(bundle->source, pair.source, pair.source_tokens, options.max_length));
    sources.add(pair.features, encodings, place, out);
    name = &options.target_name;
    Translation& to = out.translations.front();
    const TextSide& side = sources.readers.of_reading.front()->target;
    Encoding target = read_tokens(side, pair.target, pair.target_tokens, options.max_length, {to.tokens, to.ranges});
    std::vector<int> ids = sources.readers.any_copies ? sources.extended.back().ids(target) : std::move(target.ids);
    side.options().turn(ids);
    ids.push_back(Vocabulary::kEnd);
    return ids;
  } catch (const Error& error) {
    throw Error::at({.file = *name, .line = options.first_line + static_cast<long>(place), .sentence = place},
                    error.what(), error.kind());
  }
}

}  // namespace

std::vector<Translated> score_pairs(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                    const ScoreOptions& options, const EnsembleOptions& ensemble) {
  const Readers readers(bundles, ensemble);
  if (bundles.size() == 1) return score_pairs(bundles.front(), pairs, options);
  check(options);
  std::vector<Translated> out(pairs.size());
  Sources sources(readers);
  std::vector<std::vector<int>> targets;
  std::vector<int> lengths;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    check_stop(options.stop);
    out[i].source = pairs[i].source;
    out[i].features = named(bundles.front().source, pairs[i].features);
    Translation& to = out[i].translations.emplace_back();
    to.text = pairs[i].target;
    if (readers.any_copies) to.copied.emplace();
    targets.push_back(read_pair(pairs[i], i, options, sources, out[i]));
    lengths.push_back(std::max(sources.lengths.back(), static_cast<int>(targets.back().size())));
  }
  const std::vector<LayersOfModel> layers = layers_of(bundles);
  const ForcedTargets forced{sources, targets, layers, options.attention, out};
  const auto make_worker = [&]() -> BatchWork {
    return [&, scorer = std::shared_ptr(make_scorer(bundles, ensemble))](const std::vector<int>& batch) {
      check_stop(options.stop);
      forced.score(*scorer, batch);
    };
  };
  run_batches(cut_batches(lengths, options.batch_sentences, options.threads), options.threads, make_worker);
  for (std::size_t i = 0; i < out.size(); ++i) {
    turn(bundles.front().target, out[i].translations.front());
    sources.name_tokens(i, out[i].translations.front().attention_members);
  }
  check_finite(out, options);
  return out;
}

}  // namespace heed

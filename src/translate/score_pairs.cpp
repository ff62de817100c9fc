#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/translate/translator.h"
#include "work.h"

namespace heed {
namespace {

void check(const ScoreOptions& options) {
  if (options.batch_sentences < 1)
    throw UsageError(fmt::format("batch is {}; it must be at least 1", options.batch_sentences));
  if (options.threads < 1) throw UsageError(fmt::format("threads is {}; it must be at least 1", options.threads));
}

/// The ids of a side of a pair; `tokens` gets their texts and the end mark.
std::vector<int> read_side(const TextSide& side, const std::string& sentence, int max_length,
                           std::vector<std::string>& tokens) {
  Encoding encoding = side.encode(sentence);
  if (max_length > 0 && encoding.ids.size() > static_cast<std::size_t>(max_length)) {
    throw Error(
        fmt::format("the sentence has {} tokens, more than the max-length of {}", encoding.ids.size(), max_length));
  }
  for (Piece& piece : encoding.pieces) tokens.push_back(std::move(piece.text));
  tokens.push_back(side.token(Vocabulary::kEnd));
  return std::move(encoding.ids);
}

/// Hands the rows of a batch, packed by step, to the sentences that they belong to.
void unpack(const SourceBatch& source, const TargetBatch& target, const Forced& forced, bool attention,
            std::span<Scored* const> out) {
  std::size_t row = 0;
  for (std::size_t t = 0; t < target.step_rows.size(); ++t) {
    for (int r = 0; r < target.step_rows[t]; ++r, ++row) {
      const int sentence = target.order[r];
      Scored& scored = *out[sentence];
      const auto log_probability = static_cast<double>(forced.log_probability[row]);
      scored.log_probabilities.push_back(log_probability);
      scored.log_probability += log_probability;
      if (!attention || forced.weights.empty()) continue;
      const float* weights = forced.weights[t].value().row(r);
      scored.attention.emplace_back(weights, weights + source.lengths[sentence]);
    }
  }
}

struct IdPairs {
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;
};

void score_batch(const Seq2Seq& model, const IdPairs& pairs, bool attention, Arena& arena,
                 std::span<Scored* const> out) {
  arena.reset();
  Tape tape(arena);
  const SourceBatch source = pack_sources(pairs.sources, model.encoder().vocabulary());
  const TargetBatch target = pack_targets(pairs.targets, model.decoder().vocabulary());
  unpack(source, target, model.force(tape, source, target, {}), attention, out);
}

}  // namespace

std::vector<Scored> score_pairs(const Bundle& bundle, std::span<const SentencePair> pairs,
                                const ScoreOptions& options) {
  check(options);
  std::vector<Scored> out(pairs.size());
  IdPairs ids;
  std::vector<int> lengths;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string* name = &options.source_name;
    try {
      ids.sources.push_back(read_side(bundle.source, pairs[i].source, options.max_length, out[i].source_tokens));
      name = &options.target_name;
      ids.targets.push_back(read_side(bundle.target, pairs[i].target, options.max_length, out[i].target_tokens));
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", *name, options.first_line + static_cast<long>(i), error.what()));
    }
    lengths.push_back(static_cast<int>(std::max(ids.sources.back().size(), ids.targets.back().size())));
  }
  const auto make_worker = [&]() -> BatchWork {
    return [&, arena = std::make_shared<Arena>()](const std::vector<int>& batch) {
      IdPairs of_batch;
      std::vector<Scored*> scored;
      for (const int index : batch) {
        of_batch.sources.push_back(ids.sources[index]);
        of_batch.targets.push_back(ids.targets[index]);
        scored.push_back(&out[index]);
      }
      score_batch(*bundle.model, of_batch, options.attention, *arena, scored);
    };
  };
  run_batches(cut_batches(lengths, options.batch_sentences, options.threads), options.threads, make_worker);
  return out;
}

}  // namespace heed

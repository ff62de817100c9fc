#include <algorithm>
#include <cmath>
#include <optional>

#include "attention_rows.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/stop.h"
#include "heed/model/context_entry.h"
#include "heed/model/seq2seq.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/translator.h"
#include "read_side.h"
#include "score_ids.h"
#include "sources.h"
#include "translate_checks.h"
#include "work.h"

namespace heed {
namespace {

/// Hands the rows of a batch, packed by step, to the targets that they belong to.
void unpack(const TargetBatch& target, const TeacherForced& forced, std::span<Translation* const> out) {
  if (!forced.generated.empty()) {
    for (Translation* scored : out) scored->copied.emplace();
  }
  std::size_t row = 0;
  for (std::size_t t = 0; t < target.step_rows.size(); ++t) {
    for (int r = 0; r < target.step_rows[t]; ++r, ++row) {
      Translation& scored = *out[target.order[r]];
      const auto log_probability = static_cast<double>(forced.log_probability[row]);
      scored.log_probabilities.push_back(log_probability);
      scored.log_probability += log_probability;
      if (!forced.generated.empty() && forced.generated[row] < 0.5F) scored.copied->push_back(static_cast<int>(t));
    }
  }
  for (Translation* scored : out) {
    scored->score = scored->log_probability / static_cast<double>(scored->log_probabilities.size());
  }
}

void unpack_attention(const Bundle& bundle, const SourceBatch& source, const TargetBatch& target,
                      const TeacherForced& forced, std::span<Translation* const> out) {
  const LayersOfModel layers(bundle);
  const int tokens_per_state = bundle.model->encoder().tokens_per_state();
  for (std::size_t t = 0; t < forced.steps.size(); ++t) {
    for (int r = 0; r < target.step_rows[t]; ++r) {
      const int sentence = target.order[r];
      const auto tokens = static_cast<std::size_t>(source.lengths[sentence]);
      add_attention(attention_row(forced.steps[t], r, tokens, tokens_per_state), std::span(&layers, 1), *out[sentence]);
    }
  }
}

/// Whether all its numbers are finite: a sum with one that is not is not either.
bool is_finite(const Translation& scored) {
  double sum = scored.log_probability;
  for (const auto& row : scored.attention) {
    for (const float weight : row) sum += static_cast<double>(weight);
  }
  return std::isfinite(sum);
}

void add_pair(const Bundle& bundle, Encoding source, Encoding target, IdPairs& out) {
  if (bundle.model->output_kind().copies) {
    const ExtendedVocabulary extended(bundle.target, source.pieces);
    target.ids = extended.ids(target);
    out.copies.push_back(extended.source_ids());
  }
  bundle.target.options().turn(target.ids);
  out.sources.push_back(std::move(source.ids));
  out.targets.push_back(std::move(target.ids));
}

void score_batch(const Bundle& bundle, const IdPairs& pairs, bool attention, Arena& arena,
                 std::span<Translation* const> out) {
  const Seq2Seq& model = *bundle.model;
  arena.reset();
  Tape tape(arena);
  const std::vector<std::span<const int>> sources = views_of(pairs.sources), copies = views_of(pairs.copies),
                                          features = views_of(pairs.features);
  SourceBatch source;
  pack_sources({sources, copies, features}, model.encoder().input(), source);
  const TargetBatch target = pack_targets(pairs.targets, model.decoder().vocabulary(), source);
  const TeacherForced forced = model.teacher_force(tape, source, target, {});
  unpack(target, forced, out);
  if (attention && model.decoder().attends()) unpack_attention(bundle, source, target, forced, out);
}

}  // namespace

Encoding read_tokens(const TextSide& side, const std::string& sentence, const std::vector<std::string>& known,
                     int max_length, TokensOfSide to) {
  Encoding encoding = read_side(side, sentence, known, max_length);
  put_tokens(side, encoding.pieces, to);
  return encoding;
}

void turn(const TextSide& target, Translation& to) {
  if (!target.options().reversed) return;
  const auto turn = [&](auto& rows) { target.options().turn(rows, 1); };
  const auto turn_layers = [&](AttentionLayers& layers) {
    for (std::vector<AttentionWeights>& layer : layers) std::ranges::for_each(layer, turn);
  };
  turn(to.log_probabilities);
  turn(to.attention);
  turn_layers(to.attention_layers);
  for (MemberAttention& member : to.attention_members) {
    turn(member.attention);
    turn_layers(member.attention_layers);
  }
  for (TokenMeasure& measure : to.measures) turn(measure.values);
  if (!to.copied) return;
  const auto end = static_cast<int>(to.log_probabilities.size()) - 1;  // where EOS stands
  for (int& place : *to.copied) {
    if (place < end) place = end - 1 - place;
  }
  std::ranges::sort(*to.copied);
}

void check(const ScoreOptions& options) {
  if (options.batch_sentences < 1)
    throw UsageError(fmt::format("batch is {}; it must be at least 1", options.batch_sentences));
  if (options.threads < 1) throw UsageError(fmt::format("threads is {}; it must be at least 1", options.threads));
  if (options.max_length < 0)
    throw UsageError(fmt::format("max_length is {}; it must not be negative", options.max_length));
}

void check_finite(std::span<const Translated> scored, const ScoreOptions& options) {
  for (std::size_t i = 0; i < scored.size(); ++i) {
    if (is_finite(scored[i].translations.front())) continue;
    throw Error::at({.file = options.source_name, .line = options.first_line + static_cast<long>(i), .sentence = i},
                    "the model's scores are not finite; its parameters are damaged, or its training diverged",
                    ErrorKind::kNumeric);
  }
}

void score_ids(const Bundle& bundle, const IdPairs& ids, const ScoreOptions& options, std::span<Translated> out) {
  check(options);
  std::vector<int> lengths;
  std::vector<std::size_t> places;         // of the pairs that are scored
  std::optional<std::size_t> blank;        // the first pair without a token,
  std::vector<std::size_t> same_as_blank;  // and those that are scored as it is
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].translations.resize(1);
    const std::size_t length = std::max(ids.sources[i].size(), ids.targets[i].size());
    if (length == 0 && blank) {
      same_as_blank.push_back(i);
      continue;
    }
    if (length == 0) blank = i;
    places.push_back(i);
    lengths.push_back(static_cast<int>(length));
  }
  const auto make_worker = [&]() -> BatchWork {
    return [&, arena = std::make_shared<Arena>()](const std::vector<int>& batch) {
      check_stop(options.stop);
      IdPairs of_batch;
      std::vector<Translation*> scored;
      for (const int index : batch) {
        const std::size_t place = places[static_cast<std::size_t>(index)];
        of_batch.sources.push_back(ids.sources[place]);
        of_batch.targets.push_back(ids.targets[place]);
        if (!ids.copies.empty()) of_batch.copies.push_back(ids.copies[place]);
        if (!ids.features.empty()) of_batch.features.push_back(ids.features[place]);
        scored.push_back(&out[place].translations.front());
      }
      score_batch(bundle, of_batch, options.attention, *arena, scored);
    };
  };
  run_batches(cut_batches(lengths, options.batch_sentences, options.threads), options.threads, make_worker);
  for (const std::size_t i : same_as_blank) {
    Translation scored = out[*blank].translations.front();
    scored.text = out[i].translations.front().text;
    out[i].translations.front() = std::move(scored);
  }
  const std::vector<std::string> names = attention_layer_names(bundle.config.model);
  check_finite(out, options);
  for (Translated& scored : out) {
    if (!scored.translations.front().attention_layers.empty()) scored.attention_names = names;
  }
}

std::vector<Translated> score_pairs(const Bundle& bundle, std::span<const SentencePair> pairs,
                                    const ScoreOptions& options) {
  check_loaded(bundle);
  std::vector<Translated> out(pairs.size());
  IdPairs ids;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    check_stop(options.stop);
    Translated& scored = out[i];
    scored.source = pairs[i].source;
    scored.features = named(bundle.source, pairs[i].features);
    Translation& to = scored.translations.emplace_back();
    to.text = pairs[i].target;
    const std::string* name = &options.source_name;
    try {
      Encoding source = read_tokens(bundle.source, scored.source, pairs[i].source_tokens, options.max_length,
                                    {scored.source_tokens, scored.source_ranges});
      scored.unknown_tokens = unknown_tokens(source.ids);
      ids.features.push_back(bundle.source.feature_ids(scored.source, source.pieces, pairs[i].features));
      name = &options.target_name;
      Encoding target =
          read_tokens(bundle.target, to.text, pairs[i].target_tokens, options.max_length, {to.tokens, to.ranges});
      add_pair(bundle, std::move(source), std::move(target), ids);
    } catch (const Error& error) {
      throw Error::at({.file = *name, .line = options.first_line + static_cast<long>(i), .sentence = i}, error.what(),
                      error.kind());
    }
  }
  score_ids(bundle, ids, options, out);
  for (Translated& scored : out) turn(bundle.target, scored.translations.front());
  return out;
}

}  // namespace heed

#include "heed/translate/model_scorer.h"

#include <numeric>

#include "attention_rows.h"
#include "batch_encoder.h"
#include "continuations.h"
#include "heed/text/vocabulary.h"
#include "shortlist_output.h"
#include "token_cache.h"

namespace heed {

ModelScorer::ModelScorer(const Seq2Seq& model, std::int64_t cache_bytes)
    : model_(model),
      batch_encoder_(std::make_unique<BatchEncoder>()),
      source_cache_(std::make_unique<TokenCache>()),
      target_cache_(std::make_unique<TokenCache>()),
      cache_bytes_(cache_bytes),
      output_(model.output().search()) {}
ModelScorer::~ModelScorer() = default;

void ModelScorer::set_shortlist(std::shared_ptr<const Shortlist> shortlist) {
  if (shortlist == shortlist_) return;
  if (shortlist == nullptr) {
    output_ = model_.output().search();
  } else {
    check_serves_shortlist(model_);
    output_ = std::make_unique<ShortlistOutput>(*model_.output().plain_softmax(), shortlist);
  }
  shortlist_ = std::move(shortlist);
}

void ModelScorer::start(const SourceIds& sources) {
  encoded_.reset();
  pack_sources(sources, model_.encoder().input(), source_);
  Tape tape(encoded_);
  refresh_caches();
  const EncodedBatch encoded =
      batch_encoder_->encode(tape, model_.encoder(), sources, source_, source_projections(tape));
  memory_ = model_.prepare(tape, encoded.memory);
  state_ = model_.decoder().start(tape, encoded);
  sentences_.resize(sources.tokens.size());
  std::iota(sentences_.begin(), sentences_.end(), 0);
  output_->start(tape, source_, memory_);
}

/// What tokens were projected to by other weights is forgotten.
void ModelScorer::refresh_caches() {
  const long now = model_.parameters().packings();
  if (packings_ == now) return;
  source_cache_->restart(model_.encoder().vocabulary(), model_.encoder().projection_columns(), cache_bytes_);
  target_cache_->restart(model_.decoder().vocabulary(), std::array{model_.decoder().projection_columns()},
                         cache_bytes_);
  packings_ = now;
}

Directions ModelScorer::source_projections(Tape& tape) {
  TokenCache& cache = *source_cache_;
  if (!cache.keeps() || model_.encoder().reads_features()) return {};
  const std::span<const int> missing = cache.missing(source_.ids);
  if (!missing.empty()) {
    const Directions rows = model_.encoder().input_projection(tape, missing);
    const std::array all{rows.forward, rows.backward};
    cache.add(std::span(all).first(cache.tables().size()));
  }
  return {tape.variable(cache.tables()[0].view()),
          cache.tables().size() == 1 ? Variable() : tape.variable(cache.tables()[1].view())};
}

Variable ModelScorer::target_projections(Tape& tape, std::span<const int> tokens) {
  TokenCache& cache = *target_cache_;
  if (!cache.keeps()) return {};
  const std::span<const int> missing = cache.missing(tokens);
  if (!missing.empty()) cache.add(std::array{model_.decoder().input_projection(tape, missing)});
  return tape.variable(cache.tables()[0].view());
}

void ModelScorer::advance(std::span<const int> parents, std::span<const int> tokens) {
  turn_ = 1 - turn_;
  Arena& arena = arenas_[turn_];
  arena.reset();
  Tape tape(arena);
  const Decoder& decoder = model_.decoder();
  const DecoderState before = gather(tape, parents);
  sentences_.swap(previous_sentences_);
  sentences_.clear();
  for (const int parent : parents) sentences_.push_back(previous_sentences_[parent]);
  const std::span<int> read = arena.array<int>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    // From the vocabulary's size on: a word of the sentence, proposed by this model or by another of an ensemble.
    read[i] = tokens[i] < vocabulary_size() ? tokens[i] : Vocabulary::kUnknown;
  }
  const DecoderInput input = decoder.embed(tape, read, nullptr, target_projections(tape, read));
  const DecoderStep taken{input, memory_, sentences_, nullptr, nullptr, change_};
  state_ = model_.step(tape, taken, before);
  output_->take(tape, taken, state_);
}

/// The rows of the last step that go on, each as often as it is named.
DecoderState ModelScorer::gather(Tape& tape, std::span<const int> parents) const {
  bool same = parents.size() == sentences_.size();
  for (std::size_t i = 0; same && i < parents.size(); ++i) same = parents[i] == static_cast<int>(i);
  return same ? state_ : state_.gather(tape, parents);
}

void ModelScorer::best(int row, std::span<Continuation> out) { best_continuations(scores(row), out); }

void ModelScorer::by(int row, std::span<const int> tokens, std::span<Continuation> out) {
  continuations_by(scores(row), tokens, out);
}

AttentionRow ModelScorer::attention(int row) const {
  const auto tokens = static_cast<std::size_t>(source_.lengths[sentences_[row]]);
  return attention_row(state_, row, tokens, model_.encoder().tokens_per_state());
}

}  // namespace heed

#include "heed/translate/model_scorer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "continuations.h"
#include "copy_targets.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/elementwise.h"
#include "heed/kernels/log_space.h"
#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"
#include "limited_output.h"
#include "word_memo.h"

namespace heed {

ModelScorer::ModelScorer(const Seq2Seq& model, std::int64_t memo_bytes)
    : model_(model),
      source_words_(std::make_unique<WordMemo>()),
      target_words_(std::make_unique<WordMemo>()),
      memo_bytes_(memo_bytes) {}
ModelScorer::~ModelScorer() = default;

void ModelScorer::limit(std::shared_ptr<const Shortlist> shortlist) {
  if (shortlist != nullptr && copies()) throw UsageError("a short list does not serve a model that copies");
  if (shortlist != nullptr && model_.decoder().marginal()) {
    throw UsageError("a short list does not serve a model whose output is a sum over positions (exact hard attention)");
  }
  if (shortlist == nullptr) {
    limited_.reset();
  } else if (limited_ == nullptr || limited_->shortlist() != shortlist) {
    limited_ = std::make_unique<LimitedOutput>(model_.decoder().output(), std::move(shortlist));
  }
}

void ModelScorer::start(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) {
  encoded_.reset();
  pack_sources(sources, model_.encoder().vocabulary(), copies, source_);
  if (this->copies()) {
    if (copies.empty()) throw Error("the model copies, but the batch does not say what copying a token gives");
    targets_ = std::make_unique<CopyTargets>(source_, vocabulary_size());
  }
  Tape tape(encoded_);
  check_memos();
  const EncodedBatch encoded = model_.encoder().encode(tape, source_, nullptr, source_words(tape));
  memory_ = model_.decoder().prepare(tape, encoded.memory);
  state_ = model_.decoder().start(tape, encoded);
  sentences_.resize(sources.size());
  std::iota(sentences_.begin(), sentences_.end(), 0);
  if (limited_ != nullptr) limited_->start(sources, encoded_);
}

/// What words were projected to by other weights is forgotten.
void ModelScorer::check_memos() {
  const long now = model_.parameters().packings();
  if (packings_ == now) return;
  source_words_->restart(model_.encoder().vocabulary(), model_.encoder().known_columns(), memo_bytes_);
  target_words_->restart(model_.decoder().vocabulary(), std::array{model_.decoder().known_columns()}, memo_bytes_);
  packings_ = now;
}

Directions ModelScorer::source_words(Tape& tape) {
  WordMemo& memo = *source_words_;
  if (!memo.keeps()) return {};
  const std::span<const int> missing = memo.missing(source_.ids);
  if (!missing.empty()) {
    const Directions rows = model_.encoder().known(tape, missing);
    const std::array all{rows.forward, rows.backward};
    memo.add(std::span(all).first(memo.tables().size()));
  }
  return {tape.variable(memo.tables()[0].view()),
          memo.tables().size() == 1 ? Variable() : tape.variable(memo.tables()[1].view())};
}

Variable ModelScorer::target_words(Tape& tape, std::span<const int> words) {
  WordMemo& memo = *target_words_;
  if (!memo.keeps()) return {};
  const std::span<const int> missing = memo.missing(words);
  if (!missing.empty()) memo.add(std::array{model_.decoder().known(tape, missing)});
  return tape.variable(memo.tables()[0].view());
}

void ModelScorer::advance_state(std::span<const int> parents, std::span<const int> tokens) {
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
    // A word of the sentence, proposed by this model or by another of an ensemble.
    const bool own = !source_.copies.empty() && tokens[i] >= vocabulary_size();
    read[i] = own ? Vocabulary::kUnknown : tokens[i];
  }
  const DecoderInput input = decoder.embed(tape, read, nullptr, target_words(tape, read));
  state_ = decoder.step(tape, input, before, memory_, sentences_, nullptr);
  if (copies()) {
    gate_ = model_.copy_gate()->gate(tape, {state_.context, state_.layers.back().hidden, input.embedded});
  }
  if (copies() || decoder.marginal()) weights_ = state_.weights(tape);
}

/// Scores of the rows from `first` on, as many as `logits` has.
StepScores ModelScorer::scores(std::int64_t first, const Tensor& logits, std::span<float> log_sum) const {
  const OutputLayer output = model_.decoder().output();
  matmul(state_.attentional.value().slice(first, logits.rows), output.weight->forward, logits, Into::kReplace);
  log_sum_exp(logits, output.bias->value.view().data, log_sum);
  return {logits, log_sum};
}

StepScores ModelScorer::step(std::span<const int> parents, std::span<const int> tokens) {
  advance_state(parents, tokens);
  Arena& arena = arenas_[turn_];
  const auto rows = static_cast<std::int64_t>(parents.size());
  if (model_.decoder().marginal()) {
    const Tensor sums = arena.tensor(rows, vocabulary_size());
    for (std::int64_t r = 0; r < rows; ++r) sum_positions(r, {sums.row(r), static_cast<std::size_t>(sums.columns)});
    const std::span<float> nothing = arena.array<float>(parents.size());
    std::fill(nothing.begin(), nothing.end(), 0.0F);
    return {sums, nothing};
  }
  const StepScores generated = scores(0, arena.tensor(rows, vocabulary_size()), arena.array<float>(parents.size()));
  if (!copies()) return generated;
  const Tensor mixed = arena.tensor(rows, columns());
  for (std::int64_t r = 0; r < rows; ++r) {
    mix(r, generated.logits.row(r), generated.log_sum[static_cast<std::size_t>(r)],
        {mixed.row(r), static_cast<std::size_t>(columns())});
  }
  const std::span<float> nothing = arena.array<float>(parents.size());  // these are log-probabilities
  std::fill(nothing.begin(), nothing.end(), 0.0F);
  return {mixed, nothing};
}

/// Of scores: the vocabulary, and the words that the sentences of the batch add to it.
std::int64_t ModelScorer::columns() const { return vocabulary_size() + (copies() ? targets_->extended() : 0); }

/// Log-probabilities of a row of logits, mixed with those of copying; what the row's sentence does not have is
/// forbidden.
void ModelScorer::mix(std::int64_t row, const float* logits, float log_sum, std::span<float> out) const {
  const auto vocabulary = static_cast<std::size_t>(vocabulary_size());
  const float generated = log_sigmoid(gate_.value().row(row)[0]) - log_sum;
  for (std::size_t v = 0; v < vocabulary; ++v) out[v] = logits[v] + generated;
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(vocabulary), out.end(), kLogZero);
  const CopyScores copied = copy_scores(static_cast<int>(row));
  for (std::size_t i = 0; i < copied.ids.size(); ++i) {
    float& of_id = out[static_cast<std::size_t>(copied.ids[i])];
    of_id = log_add_exp(of_id, copied.log_probability[i]);
  }
}

/// Log-probabilities of a row, each the sum over the positions of its sentence.
void ModelScorer::sum_positions(std::int64_t row, std::span<float> out) {
  const auto sentence = static_cast<std::size_t>(sentences_[static_cast<std::size_t>(row)]);
  const std::int64_t length = memory_.sentences.lengths[sentence];
  const std::int64_t hidden = state_.of_row.columns();
  if (position_states_.view().rows < length) {
    position_states_ = Buffer(length, hidden);
    position_logits_ = Buffer(length, vocabulary_size());
  }
  const Tensor x = position_states_.view().slice(0, length);
  for (std::int64_t s = 0; s < length; ++s) {
    std::copy_n(state_.of_row.value().row(row), hidden, x.row(s));
    add_scaled(memory_.positions.value().row(memory_.sentences.offsets[sentence] + s), 1.0F, x.row(s), hidden);
  }
  tanh_forward(x.data, x.data, x.size());
  const OutputLayer output = model_.decoder().output();
  const Tensor logits = position_logits_.view().slice(0, length);
  matmul(x, output.weight->forward, logits, Into::kReplace);
  mixture_.resize(static_cast<std::size_t>(length));
  log_sum_exp(logits, output.bias->value.view().data, mixture_);
  marginal_log_probability({weights_.value().row(row), static_cast<std::size_t>(length)}, logits, mixture_, out);
}

ModelScorer::CopyScores ModelScorer::copy_scores(int row) const {
  if (!copies()) return {};
  const int sentence = sentences_[static_cast<std::size_t>(row)];
  targets_->scores(sentence, gate_.value().row(row)[0], weights_.value().row(row), copy_scores_);
  return {targets_->ids(sentence), copy_scores_};
}

/// The best continuations of a row of logits.
void ModelScorer::propose(std::int64_t row, std::span<float> logits, float log_sum, std::span<Continuation> out) {
  if (!copies()) return best_continuations(logits, log_sum, out);
  mixture_.resize(static_cast<std::size_t>(columns()));
  mix(row, logits.data(), log_sum, mixture_);
  best_continuations(mixture_, 0, out);
  mark_copied(targets_->ids(sentences_[static_cast<std::size_t>(row)]), copy_scores_, out);
}

/// The rows of the last step that go on, each as often as it is named.
DecoderState ModelScorer::gather(Tape& tape, std::span<const int> parents) const {
  bool same = parents.size() == sentences_.size();
  for (std::size_t i = 0; same && i < parents.size(); ++i) same = parents[i] == static_cast<int>(i);
  return same ? state_ : state_.gather(tape, parents);
}

void ModelScorer::advance(std::span<const int> parents, std::span<const int> tokens, int k,
                          std::vector<Continuation>& out) {
  advance_state(parents, tokens);
  out.resize(parents.size() * static_cast<std::size_t>(k));
  if (limited_ != nullptr) {
    advance_limited(k, out);
  } else {
    advance_whole(k, out);
  }
}

// Both go a few rows at a time: their logits are still near the processor when the best are looked for.

void ModelScorer::advance_limited(int k, std::span<Continuation> out) {
  const auto rows = static_cast<std::int64_t>(sentences_.size());
  for (std::int64_t first = 0; first < rows; first += LimitedOutput::kRows) {
    const std::int64_t count = std::min(LimitedOutput::kRows, rows - first);
    const auto sentences =
        std::span(sentences_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    limited_->best(state_.attentional.value().slice(first, count), sentences, k,
                   out.subspan(static_cast<std::size_t>(first) * static_cast<std::size_t>(k)));
  }
}

void ModelScorer::advance_whole(int k, std::span<Continuation> out) {
  constexpr std::int64_t kRows = 32;
  const auto rows = static_cast<std::int64_t>(sentences_.size());
  const Tensor block = arenas_[turn_].tensor(std::min(rows, kRows), vocabulary_size());
  const std::span<float> log_sum = arenas_[turn_].array<float>(static_cast<std::size_t>(block.rows));
  const auto best = static_cast<std::size_t>(k);
  for (std::int64_t first = 0; first < rows; first += kRows) {
    const Tensor logits = block.slice(0, std::min(kRows, rows - first));
    if (model_.decoder().marginal()) {
      std::fill(log_sum.begin(), log_sum.end(), 0.0F);
      for (std::int64_t r = 0; r < logits.rows; ++r) {
        sum_positions(first + r, {logits.row(r), static_cast<std::size_t>(logits.columns)});
      }
    } else {
      scores(first, logits, log_sum.first(static_cast<std::size_t>(logits.rows)));
    }
    for (std::int64_t r = 0; r < logits.rows; ++r) {
      propose(first + r, {logits.row(r), static_cast<std::size_t>(logits.columns)},
              log_sum[static_cast<std::size_t>(r)], out.subspan(static_cast<std::size_t>(first + r) * best, best));
    }
  }
}

std::span<const float> ModelScorer::attention(int row) const {
  if (state_.traces.empty()) return {};
  const std::size_t length = source_length(row);
  const int covered = model_.encoder().tokens_per_state();
  const auto layers = state_.attention();
  const bool single = layers.size() == 1 && layers.front().size() == 1;
  if (single && covered == 1) return {layers.front().front().value().row(row), length};
  attention_.assign(2 * length, 0.0F);
  const auto add_tokens = [&](const Variable& states, float share) {  // the end of attention_ is scratch
    const auto tokens = std::span(attention_).last(length);
    spread_attention({states.value().row(row), static_cast<std::size_t>(states.columns())}, covered, tokens);
    for (std::size_t s = 0; s < length; ++s) attention_[s] += tokens[s] * share;
  };
  for (const AttentionTrace& trace : state_.traces) {
    add_tokens(trace.weights, 1.0F / static_cast<float>(state_.traces.size()));
  }
  if (single) return std::span(attention_).first(length);
  attention_.resize(length);
  for (const auto& layer : layers) {
    for (const Variable& head : layer) {
      attention_.resize(attention_.size() + length);
      spread_attention({head.value().row(row), static_cast<std::size_t>(head.columns())}, covered,
                       std::span(attention_).last(length));
    }
  }
  return attention_;
}

}  // namespace heed

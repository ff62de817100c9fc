#include "heed/tensor/kernels/attention.h"

#include <cstring>

#include "heed/autograd/operations.h"

namespace heed {

// Rows of weights and vectors whose outer products are the gradient of a source matrix; a list in the arena.
struct SourceMatrix::Pending {
  struct Part {
    Tensor weights;  // [n, longest]
    Tensor vectors;  // [n, columns]
    std::span<const int> sentence;
    Part* next;
  };
  Part* parts;
  std::int64_t rows;

  void add(Arena& arena, const Part& part) {
    parts = arena.make<Part>(part.weights, part.vectors, part.sentence, parts);
    rows += part.vectors.rows;
  }
};

SourceMatrix source_matrix(Tape& tape, const Variable& rows, const SentenceRows& sentences) {
  SourceMatrix out{rows, sentences, nullptr};
  if (!tape.recording()) return out;
  auto* pending = tape.arena().make<SourceMatrix::Pending>(nullptr, std::int64_t{0});
  out.pending = pending;
  // Recorded before every step that reads the matrix, hence run after all of them.
  tape.record([&tape, rows, sentences, pending] {
    if (pending->rows == 0) return;
    Arena& arena = tape.arena();
    const Tensor weights = arena.tensor(pending->rows, sentences.longest);
    const Tensor vectors = arena.tensor(pending->rows, rows.columns());
    const std::span<int> sentence = arena.array<int>(static_cast<std::size_t>(pending->rows));
    std::int64_t at = 0;
    for (const auto* part = pending->parts; part != nullptr; part = part->next) {
      std::memcpy(weights.row(at), part->weights.data, static_cast<std::size_t>(part->weights.size()) * sizeof(float));
      std::memcpy(vectors.row(at), part->vectors.data, static_cast<std::size_t>(part->vectors.size()) * sizeof(float));
      std::memcpy(sentence.data() + at, part->sentence.data(), part->sentence.size_bytes());
      at += part->vectors.rows;
    }
    add_outer_products({sentences, sentence}, weights, vectors, rows.gradient());
  });
  return out;
}

Variable dot_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, std::span<const int> sentence) {
  Variable out = tape.variable(tape.arena().zeros(query.rows(), keys.sentences.longest));
  const Pairing pairing{keys.sentences, tape.arena().copy(sentence)};
  add_dot_scores(pairing, query.value(), keys.rows.value(), out.value());
  tape.record([&tape, query, keys, pairing, out] {
    if (!out.has_gradient()) return;
    add_weighted_rows(pairing, out.gradient(), keys.rows.value(), query.gradient());
    keys.pending->add(tape.arena(), {out.gradient(), query.value(), pairing.sentence, nullptr});
  });
  return out;
}

Variable weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values, std::span<const int> sentence) {
  Variable out = tape.variable(tape.arena().zeros(weights.rows(), values.rows.columns()));
  const Pairing pairing{values.sentences, tape.arena().copy(sentence)};
  add_weighted_rows(pairing, weights.value(), values.rows.value(), out.value());
  tape.record([&tape, weights, values, pairing, out] {
    if (!out.has_gradient()) return;
    add_dot_scores(pairing, out.gradient(), values.rows.value(), weights.gradient());
    values.pending->add(tape.arena(), {weights.value(), out.gradient(), pairing.sentence, nullptr});
  });
  return out;
}

Variable additive_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, const Parameter& v,
                         std::span<const int> sentence) {
  Variable out = tape.variable(tape.arena().zeros(query.rows(), keys.sentences.longest));
  const Pairing pairing{keys.sentences, tape.arena().copy(sentence)};
  additive_scores(pairing, query.value(), keys.rows.value(), v.value.view().data, out.value());
  tape.record([&tape, query, keys, &v, pairing, out] {
    if (!out.has_gradient()) return;
    additive_backward(pairing, query.value(), keys.rows.value(), v.value.view().data,
                      {out.gradient(), query.gradient(), keys.rows.gradient(), tape.gradients().of(v).data});
  });
  return out;
}

Variable attention_softmax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                           std::span<const int> sentence) {
  Variable out = tape.variable(scores.rows(), scores.columns());
  const Pairing pairing{sentences, tape.arena().copy(sentence)};
  softmax_forward(pairing, scores.value(), out.value());
  tape.record([scores, pairing, out] {
    if (out.has_gradient()) softmax_backward(pairing, out.value(), out.gradient(), scores.gradient());
  });
  return out;
}

}  // namespace heed

#include "heed/kernels/attention.h"

#include <cstring>

#include "heed/autograd/checks.h"
#include "heed/kernels/sparse_normalizers.h"
#include "kept_pairing.h"

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
  const ArgumentCheck check("source_matrix");
  check.given("rows", rows);
  check.sentences(sentences, rows.rows());
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

namespace {

// The gradient of a source matrix: at the end, for all steps at once; or, of a few positions, right away.
void add_source_gradient(Tape& tape, const SourceMatrix& source, const Pairing& pairing, const Tensor& weights,
                         const Tensor& vectors) {
  if (pairing.windows.empty()) {
    source.pending->add(tape.arena(), {weights, vectors, pairing.sentence, nullptr});
  } else {
    add_outer_products(pairing, weights, vectors, source.rows.gradient());
  }
}

}  // namespace

Variable dot_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, std::span<const int> sentence,
                    std::span<const PositionWindow> windows) {
  const ArgumentCheck check("dot_scores");
  check.source(tape, "keys", keys, {keys.sentences, sentence, windows});
  check.query(query, keys, sentence);
  Variable out = tape.variable(tape.arena().zeros(query.rows(), keys.sentences.longest));
  const Pairing pairing = kept_pairing(tape, {keys.sentences, sentence, windows});
  add_dot_scores(pairing, query.value(), keys.rows.value(), out.value());
  tape.record([&tape, query, keys, pairing, out] {
    if (!out.has_gradient()) return;
    add_weighted_rows(pairing, out.gradient(), keys.rows.value(), query.gradient());
    add_source_gradient(tape, keys, pairing, out.gradient(), query.value());
  });
  return out;
}

Variable weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values, std::span<const int> sentence,
                      std::span<const PositionWindow> windows) {
  const ArgumentCheck check("weighted_sum");
  check.source(tape, "values", values, {values.sentences, sentence, windows});
  check.scores("weights", weights, {values.sentences, sentence});
  Variable out = tape.variable(tape.arena().zeros(weights.rows(), values.rows.columns()));
  const Pairing pairing = kept_pairing(tape, {values.sentences, sentence, windows});
  add_weighted_rows(pairing, weights.value(), values.rows.value(), out.value());
  tape.record([&tape, weights, values, pairing, out] {
    if (!out.has_gradient()) return;
    add_dot_scores(pairing, out.gradient(), values.rows.value(), weights.gradient());
    add_source_gradient(tape, values, pairing, weights.value(), out.gradient());
  });
  return out;
}

Variable additive_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, const Variable& v,
                         std::span<const int> sentence) {
  const ArgumentCheck check("additive_scores");
  check.additive({query, keys, v}, sentence);
  Variable out = tape.variable(tape.arena().zeros(query.rows(), keys.sentences.longest));
  const Pairing pairing = kept_pairing(tape, {keys.sentences, sentence});
  additive_scores(pairing, query.value(), keys.rows.value(), v.value().data, out.value());
  tape.record([query, keys, v, pairing, out] {
    if (!out.has_gradient()) return;
    additive_backward(pairing, query.value(), keys.rows.value(), v.value().data,
                      {out.gradient(), query.gradient(), keys.rows.gradient(), v.gradient().data});
  });
  return out;
}

Variable add_log_gaussian(Tape& tape, const Variable& scores, const Variable& centre, float deviation,
                          std::span<const PositionWindow> windows) {
  const ArgumentCheck check("add_log_gaussian");
  check.given("scores", scores);
  check.shape("centre", centre, scores.rows(), 1);
  check.windows(windows, scores.rows(), scores.columns());
  check.that(deviation > 0, "the deviation is not positive");
  Variable out = tape.variable(tape.arena().zeros(scores.rows(), scores.columns()));
  const std::span<const PositionWindow> in = tape.arena().copy(windows);
  const float precision = 1.0F / (deviation * deviation);
  for (std::int64_t r = 0; r < scores.rows(); ++r) {
    const float at = centre.value().row(r)[0];
    for (int s = in[r].first; s < in[r].last; ++s) {
      const float distance = static_cast<float>(s) - at;
      out.value().row(r)[s] = scores.value().row(r)[s] - distance * distance * precision / 2;
    }
  }
  tape.record([scores, centre, precision, in, out] {
    if (!out.has_gradient()) return;
    for (std::int64_t r = 0; r < scores.rows(); ++r) {
      const float at = centre.value().row(r)[0];
      const float* dy = out.gradient().row(r);
      for (int s = in[r].first; s < in[r].last; ++s) {
        scores.gradient().row(r)[s] += dy[s];
        centre.gradient().row(r)[0] += dy[s] * (static_cast<float>(s) - at) * precision;
      }
    }
  });
  return out;
}

namespace {

using Forward = void (*)(const Pairing&, const Tensor& scores, const Tensor& weights);
using Backward = void (*)(const Pairing&, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores);

template <Forward forward, Backward backward>
Variable normalize(Tape& tape, const char* operation, const Variable& scores, const Pairing& given) {
  const ArgumentCheck check(operation);
  check.pairing(given, ArgumentCheck::kAny);
  check.scores("scores", scores, given);
  const Pairing pairing = kept_pairing(tape, given);
  Variable out = tape.variable(scores.rows(), scores.columns());
  forward(pairing, scores.value(), out.value());
  tape.record([scores, pairing, out] {
    if (out.has_gradient()) backward(pairing, out.value(), out.gradient(), scores.gradient());
  });
  return out;
}

}  // namespace

Variable attention_softmax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                           std::span<const int> sentence, std::span<const PositionWindow> windows) {
  return normalize<softmax_forward, softmax_backward>(tape, "attention_softmax", scores,
                                                      {sentences, sentence, windows});
}

Variable attention_sparsemax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                             std::span<const int> sentence, std::span<const PositionWindow> windows) {
  return normalize<sparsemax_forward, sparsemax_backward>(tape, "attention_sparsemax", scores,
                                                          {sentences, sentence, windows});
}

Variable attention_entmax15(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                            std::span<const int> sentence, std::span<const PositionWindow> windows) {
  return normalize<entmax15_forward, entmax15_backward>(tape, "attention_entmax15", scores,
                                                        {sentences, sentence, windows});
}

}  // namespace heed

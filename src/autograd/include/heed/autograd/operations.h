#pragma once
#include <initializer_list>
#include <span>

#include "heed/autograd/tape.h"
#include "heed/base/rng.h"
#include "heed/tensor/kernels/attention.h"

// The operations: each computes its value at once and records its gradient in the same function.
// Letters: n rows, B sentences, S source positions, H hidden, V vocabulary.
namespace heed {

// ---- tables, products ------------------------------------------------------------------------------------------

/// Rows of a table [V, E] by id. [n, E]. Throws Error for an id outside the table.
Variable embedding(Tape& tape, const Parameter& table, std::span<const int> ids);

/// One product of a sum: x [m, in] times weight [in, out].
struct Term {
  Variable x;
  const Parameter* weight;
};
/// Sum of the terms, plus bias [out] if there is one. [n, out]
Variable linear(Tape& tape, std::initializer_list<Term> terms, const Parameter* bias = nullptr);

// ---- shape -----------------------------------------------------------------------------------------------------

/// out[i] = x[indices[i]]
Variable gather_rows(Tape& tape, const Variable& x, std::span<const int> indices);
/// The parts below each other.
Variable concat_rows(Tape& tape, std::span<const Variable> parts);
/// [a b], column after column
Variable concat_columns(Tape& tape, const Variable& a, const Variable& b);

// ---- element by element ----------------------------------------------------------------------------------------

Variable add(Tape& tape, const Variable& a, const Variable& b);
Variable multiply(Tape& tape, const Variable& a, const Variable& b);
Variable tanh(Tape& tape, const Variable& x);
Variable sigmoid(Tape& tape, const Variable& x);
/// Srivastava et al. 2014: elements are set to 0 with probability `rate`, the others divided by 1 - rate. x itself when
/// nothing is recorded or rate is 0.
Variable dropout(Tape& tape, const Variable& x, double rate, Rng* rng);

// ---- recurrence ------------------------------------------------------------------------------------------------

struct LstmInput {
  Variable gates;  ///< [n, 4H] what is known before the step; overwritten. Empty: nothing is known, and the
                   ///< first term has n rows
  std::span<const Term> terms;  ///< products to add; a term with m < n rows goes to the first m rows
  const Parameter* bias;        ///< [1, 4H]
  Variable previous_cell;       ///< [m, H], the other rows start from zero; may be empty
};
struct LstmState {
  Variable hidden;  ///< [n, H]
  Variable cell;    ///< [n, H]
};
/// One fused LSTM step (equations: tensor/kernels/lstm.h). `out` holds where the results go: variables of the caller,
/// often views of one matrix for all steps. The gradient of `gates` is left where its value stood: see
/// Tape::gradient_replaces_value().
void lstm_step(Tape& tape, const LstmInput& input, const LstmState& out);

// ---- attention -------------------------------------------------------------------------------------------------

/// A matrix of source positions [sum of S, columns] that every decoder step reads. Its gradient is collected over the
/// steps and computed once, at the end.
struct SourceMatrix {
  Variable rows;
  SentenceRows sentences;
  struct Pending;
  Pending* pending = nullptr;
};
SourceMatrix source_matrix(Tape& tape, const Variable& rows, const SentenceRows& sentences);

/// scores[r, s] = query[r] . keys[sentence[r], s]. [n, longest]
Variable dot_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, std::span<const int> sentence);
/// scores[r, s] = v . tanh(query[r] + keys[sentence[r], s]). [n, longest]
Variable additive_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, const Parameter& v,
                         std::span<const int> sentence);
/// Softmax over the positions of each row's sentence; exactly 0 beyond it. [n, longest]
Variable attention_softmax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                           std::span<const int> sentence);
/// context[r] = sum over s of weights[r, s] * values[sentence[r], s]. [n, columns]
Variable weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values, std::span<const int> sentence);

// ---- loss ------------------------------------------------------------------------------------------------------

struct CrossEntropyOptions {
  double smoothing =
      0;             ///< label smoothing: this share of the target is spread over the vocabulary (Szegedy et al. 2016)
  double scale = 1;  ///< factor of the gradient, e.g. 1 / number of labels in the whole batch
};
struct Loss {
  double total = 0;                        ///< sum over the labels, without scale
  std::span<const float> log_probability;  ///< [n] log p(label), without smoothing
};
/// Output layer, softmax and cross-entropy in one, in blocks of rows: the logits of a batch [n, V] never exist
/// together. While recording, the gradient is computed on the way and added to `hidden` and the parameters at once.
struct OutputLayer {
  const Parameter* weight;  ///< [H, V]
  const Parameter* bias;    ///< [1, V]
};
Loss cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, std::span<const int> labels,
                   const CrossEntropyOptions& options = {});

}  // namespace heed

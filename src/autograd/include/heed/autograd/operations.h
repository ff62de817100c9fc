#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>

#include "heed/autograd/tape.h"
#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/tensor/pairing.h"

// The operations: each computes its value at once and records its gradient in the same function.
// Letters: n rows, B sentences, S source positions, H hidden, V vocabulary.
namespace HEED_ENGINE_API heed {

// ---- tables, products ------------------------------------------------------------------------------------------

/// Rows of a table [V, E] by id. [n, E]. Throws Error for an id outside the table.
Variable embedding(Tape& tape, const Parameter& table, std::span<const int> ids);
/// Throws Error for an id outside the table.
void check_ids(const Parameter& table, std::span<const int> ids);

/// One product of a sum: x [m, in] times weight [in, out].
struct LinearTerm {
  Variable x;
  const Parameter* weight;
};
/// A parameter's values, if it is not a weight of products: scales, and vectors that are normed or shared.
Variable value_of(Tape& tape, const Parameter& parameter);
/// Sum of the terms, plus bias [out] if there is one. [n, out]
Variable linear(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias = nullptr);
inline Variable linear(Tape& tape, std::initializer_list<LinearTerm> terms, const Parameter* bias = nullptr) {
  return linear(tape, std::span(terms.begin(), terms.size()), bias);
}
/// tanh of linear(), without keeping the sum: its gradient overwrites that of `out`. Writes to `out` if it is given.
Variable tanh_linear(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias, const Variable& out = {});
inline Variable tanh_linear(Tape& tape, std::initializer_list<LinearTerm> terms, const Parameter* bias) {
  return tanh_linear(tape, std::span(terms.begin(), terms.size()), bias);
}

// ---- shape -----------------------------------------------------------------------------------------------------

/// out[i] = x[indices[i]]
Variable gather_rows(Tape& tape, const Variable& x, std::span<const int> indices);
/// x cut or extended by `fill` to `columns` columns.
Variable resize_columns(Tape& tape, const Variable& x, std::int64_t columns, float fill);
/// The parts stacked.
Variable concat_rows(Tape& tape, std::span<const Variable> parts);
/// [a b ...]: the parts side by side.
Variable concat_columns(Tape& tape, std::span<const Variable> parts);

// ---- element by element ----------------------------------------------------------------------------------------

Variable add(Tape& tape, const Variable& a, const Variable& b);
/// x itself if the factor is 1.
Variable scale(Tape& tape, const Variable& x, float factor);
/// x by a learned factor [1, 1].
Variable scale(Tape& tape, const Variable& x, const Variable& factor);
/// gain * v / |v|, gain [1, 1]: weight normalisation, Salimans and Kingma 2016, equation 2. Shape of v.
Variable weight_norm(Tape& tape, const Variable& v, const Variable& gain);
/// Of parts of the same shape, at least one.
Variable mean(Tape& tape, std::span<const Variable> parts);
Variable multiply(Tape& tape, const Variable& a, const Variable& b);
/// Written to `out` unless it is empty.
Variable tanh(Tape& tape, const Variable& x, const Variable& out = {});
Variable sigmoid(Tape& tape, const Variable& x);
/// Srivastava et al. 2014: elements are set to 0 with probability `rate`, the others divided by 1 - rate. x itself when
/// nothing is recorded or rate is 0.
Variable dropout(Tape& tape, const Variable& x, double rate, Rng* rng);
/// The same of whole rows: each is kept or set to 0.
Variable dropout_rows(Tape& tape, const Variable& x, double rate, Rng* rng);
/// A mask as dropout() draws it [rows, columns], to be used several times; empty when nothing is recorded or rate is 0.
Tensor draw_dropout(Tape& tape, std::int64_t rows, std::int64_t columns, double rate, Rng* rng);
/// x times a mask, as many rows as both have; x itself if the mask is empty.
Variable masked(Tape& tape, const Variable& x, const Tensor& mask);

// ---- recurrence ------------------------------------------------------------------------------------------------

/// A recurrent cell's state.
struct RnnState {
  Variable hidden;  ///< [n, H]
  Variable cell;    ///< [n, H]; empty for cells that have none
};
struct LstmInput {
  Variable gates;  ///< [n, 4H] input projection, overwritten; empty: none, and the first term has n rows
  std::span<const LinearTerm> terms;  ///< products to add; a term with m < n rows goes to the first m rows
  const Parameter* bias;              ///< [1, 4H]
  Variable previous_cell;             ///< [m, H], the other rows start from zero; may be empty
};
/// One fused LSTM step (equations: kernels/lstm.h). Writes to `out`, the caller's variables, often views of one matrix
/// for all steps. The gradient of `gates` overwrites its value, so that Tape::gradient_replaces_value() must be called
/// of it before; while recording, an Error says so here and in the steps below.
void lstm_step(Tape& tape, const LstmInput& input, const RnnState& out);

struct GruInput {
  Variable gates;  ///< [n, 3H] as in LstmInput
  std::span<const LinearTerm> terms;
  const Parameter* bias;            ///< [1, 3H]
  const Parameter* recurrent;       ///< [H, 3H]
  const Parameter* recurrent_bias;  ///< [1, 3H]
  Variable previous;                ///< [m, H] the previous hidden state; the other rows start from zero; may be empty
  Variable recurrent_input = {};    ///< [m, H] what the recurrent product reads in its place; or empty
};
/// One fused GRU step (equations: kernels/gru.h); writes to `hidden` [n, H], and overwrites the gates, as lstm_step().
void gru_step(Tape& tape, const GruInput& input, const Variable& hidden);

/// Layer normalisation of each row (Ba et al. 2016; equations: kernels/layer_norm.h). x is overwritten; nothing else
/// may read it. `bias` may be nullptr.
Variable layer_norm(Tape& tape, const Variable& x, const Parameter& gain, const Parameter* bias = nullptr);
/// gates [n, columns] += x [m, columns], m <= n, in its first rows.
void add_to_gates(Tape& tape, const Variable& x, const Variable& gates);

struct NormedGruInput {
  Variable gates;         ///< [n, 3H] sums of what is read, without the bias; overwritten as by lstm_step()
  const Parameter* bias;  ///< [1, 3H]
  Variable product;       ///< [m, 3H] the recurrent product, normalised; the other rows have none; may be empty
  const Parameter* recurrent_bias;  ///< [1, 3H]
  Variable previous;                ///< [m, H] the previous hidden state; likewise
};
/// A GRU step whose recurrent product is given.
void normed_gru_step(Tape& tape, const NormedGruInput& input, const Variable& hidden);

struct NormedLstmInput {
  Variable gates;              ///< [n, 4H] sums without the bias; overwritten as by lstm_step()
  const Parameter* bias;       ///< [1, 4H]
  const Parameter* cell_gain;  ///< [1, H]
  const Parameter* cell_bias;  ///< [1, H]
  Variable previous_cell;      ///< [m, H], the other rows start from zero; may be empty
};
/// An LSTM step whose output reads the normalised cell: h = o tanh(layer_norm(c)).
void normed_lstm_step(Tape& tape, const NormedLstmInput& input, const RnnState& out);

// ---- attention -------------------------------------------------------------------------------------------------

/// A matrix of source positions [sum of S, columns] that every decoder step reads. Its gradient is computed once, over
/// all steps, at the end.
struct SourceMatrix {
  Variable rows;
  SentenceRows sentences;
  struct Pending;
  Pending* pending = nullptr;
};
SourceMatrix source_matrix(Tape& tape, const Variable& rows, const SentenceRows& sentences);

// With `windows` ([n], within each row's sentence), a row attends to its window only: scores outside are ignored,
// weights there are exactly 0, and the work does not grow with the sentence.

/// scores[r, s] = query[r] . keys[sentence[r], s]. [n, longest]
Variable dot_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, std::span<const int> sentence,
                    std::span<const PositionWindow> windows = {});
/// scores[r, s] = v . tanh(query[r] + keys[sentence[r], s]), v [1, columns]. [n, longest]
Variable additive_scores(Tape& tape, const Variable& query, const SourceMatrix& keys, const Variable& v,
                         std::span<const int> sentence);
/// scores[r, s] - (s - centre[r])^2 / (2 deviation^2) in the window: the logarithm of a Gaussian around centre [n, 1],
/// not normed. [n, longest]
Variable add_log_gaussian(Tape& tape, const Variable& scores, const Variable& centre, float deviation,
                          std::span<const PositionWindow> windows);
/// Softmax over the positions of each row's sentence or window; exactly 0 beyond it, and where a score is -infinity
/// (not all of a row's may be). [n, longest]
Variable attention_softmax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                           std::span<const int> sentence, std::span<const PositionWindow> windows = {});
/// Likewise sparsemax (Martins and Astudillo 2016), and entmax of alpha = 1.5 (Peters et al. 2019): small weights are
/// exactly 0. Formulas: kernels/sparse_normalizers.h.
Variable attention_sparsemax(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                             std::span<const int> sentence, std::span<const PositionWindow> windows = {});
Variable attention_entmax15(Tape& tape, const Variable& scores, const SentenceRows& sentences,
                            std::span<const int> sentence, std::span<const PositionWindow> windows = {});
/// context[r] = sum over s of weights[r, s] * values[sentence[r], s]. [n, columns]
Variable weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values, std::span<const int> sentence,
                      std::span<const PositionWindow> windows = {});

// ---- loss ------------------------------------------------------------------------------------------------------

/// A softmax that another model has of the same rows.
struct TeacherOutput {
  Tensor hidden;            ///< [n, its H]
  const Parameter* weight;  ///< as in OutputLayer
  const Parameter* bias;
};
struct CrossEntropyOptions {
  double smoothing =
      0;             ///< label smoothing: this share of the target is spread over the vocabulary (Szegedy et al. 2016)
  double scale = 1;  ///< factor of the gradient, e.g. 1 / number of labels in the whole batch
  std::span<const float> weights = {};           ///< [n] factors of each row's loss and gradient; empty: 1
  std::span<const TeacherOutput> teachers = {};  ///< whose mean probabilities are targets beside the labels
  double distillation = 0;                       ///< share of those in the loss (Kim and Rush 2016, section 3.1)
};
struct Loss {
  double total = 0;                        ///< sum over the labels, without scale
  std::span<const float> log_probability;  ///< [n] log p(label), without smoothing
  std::span<const float> generated = {};   ///< [n] the share of p(label) that is not copied; empty without copying
};
/// Output layer, softmax and cross-entropy in one, in blocks of rows: the logits of a batch [n, V] never exist
/// together. While recording, gradients are computed in the same pass and added to `hidden` and the parameters.
struct OutputLayer {
  const Parameter* weight;  ///< [H, V], or an embedding [V, H] that is tied
  const Parameter* bias;    ///< [1, V]
};
Loss cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, std::span<const int> labels,
                   const CrossEntropyOptions& options = {});

/// The copying part of a pointer-generator (See et al. 2017, section 2.2). Row r belongs to row r of `hidden`, and
/// attends to sentence[r].
struct Copying {
  Variable gate;     ///< [n, 1] p_gen = sigmoid(gate)
  Variable weights;  ///< [n, longest] attention
  std::span<const int> sentence;
  SentenceRows sources;
  std::span<const int> ids;  ///< [sum of S] target id that each position copies; from V on: words of its own sentence
};
/// Cross-entropy of a mixture in log space: P(y) = p_gen softmax(y) + (1 - p_gen) * (attention to positions with y). A
/// label from V on must stand in its sentence. Attention of exactly 0 to a word of the sentence counts as 1e-38, so
/// that no loss is infinite. Label smoothing applies to the output layer alone: (1 - smoothing) * -log P(label) +
/// smoothing * mean over V of -log softmax.
Loss copy_cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, const Copying& copying,
                        std::span<const int> labels, const CrossEntropyOptions& options = {});
/// log((1 - p_gen) * weight), weight as above, for search.
float log_copy_probability(float gate, float weight);

/// The output layer's input given one attended position: tanh(rows[r] + positions[s]). Row r belongs to sentence[r].
struct PositionStates {
  Variable rows;       ///< [n, Hd] the part that depends on the row
  Variable positions;  ///< [sum of S, Hd] the part that depends on the position
  Tensor mask;         ///< [n, Hd] of dropout, the same for all positions; or empty
  std::span<const int> sentence;
  SentenceRows sources;
};
/// out[r, s] = log softmax(tanh(rows[r] + positions[s]) W + b)[label of r]; 0 beyond a sentence. [n, longest]. In
/// blocks of pairs, recomputed in the backward pass: n * S * V operations, but not as much memory.
Variable position_log_probability(Tape& tape, const PositionStates& states, const OutputLayer& output,
                                  std::span<const int> labels);
/// Wu, Shapiro and Cotterell 2018, equation 4: -log sum over s of weights[r, s] * exp(log_probability[r, s]), summed
/// over the rows; gradients are added at once. Weights of 0 count as in copy_cross_entropy().
Loss marginal_loss(Tape& tape, const Variable& weights, const Variable& log_probability, const Pairing& pairing,
                   double scale);
/// The same sum for every token, for search: logits [S, V] with their log_sum_exp(), weights [S], out [V].
void marginal_log_probability(std::span<const float> weights, const Tensor& logits, std::span<const float> log_sum,
                              std::span<float> out);

/// Sum over steps t, rows and positions of min(weights[t], coverage[t]), coverage[t] being the sum of the weights
/// before t, hence 0 at the first step. weights[t] [rows of step t, longest], rows as the first rows of the previous
/// step. While recording, adds `scale` times its gradient to the weights.
double coverage_loss(Tape& tape, std::span<const Variable> weights, double scale);

/// The source positions that rows are aligned to.
struct AlignedRows {
  std::span<const int> first;      ///< [rows + 1] of each row its first among `positions`, and the end
  std::span<const int> positions;  ///< of the source; a row may have none, or one several times

  std::span<const int> of(std::size_t row) const {
    return positions.subspan(static_cast<std::size_t>(first[row]),
                             static_cast<std::size_t>(first[row + 1] - first[row]));
  }
};
/// Guided alignment (Chen et al. 2016, equation 7): the sum over the rows of all steps of -mean over a row's links of
/// log weights[r, position]; a row without links adds nothing. weights[t] [rows of step t, longest]. `aligned` must
/// live as long as the batch. While recording, adds `scale` times its gradient to the weights.
double alignment_loss(Tape& tape, std::span<const Variable> weights, const AlignedRows& aligned, double scale);

}  // namespace heed

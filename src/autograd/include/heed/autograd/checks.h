#pragma once
#include <cstdint>
#include <span>

#include "heed/autograd/recurrent_attention.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The checks at the head of an operation. Each throws an Error that names the operation, the argument and both shapes:
/// "linear: x is [64, 512], weight 'decoder.0.input' has 256 rows". Kernels check nothing, so an operation checks all
/// that its kernels assume. One that only calls other operations leaves it to them.
class ArgumentCheck {
 public:
  static constexpr std::int64_t kAny = -1;

  explicit constexpr ArgumentCheck(const char* operation) : operation_(operation) {}

  /// Throws "<operation>: <complaint>" unless the condition holds.
  void that(bool holds, const char* complaint) const;
  /// `part` is from 0 to parts - 1.
  void share(int part, int parts) const;

  // Values: each must not be empty.
  void given(const char* name, const Variable& x) const;
  /// rows and columns may be kAny.
  void shape(const char* name, const Variable& x, std::int64_t rows, std::int64_t columns) const;
  void shape(const char* name, const Tensor& x, std::int64_t rows, std::int64_t columns) const;
  /// [at least `rows`, columns]: the previous step's state, some of whose sequences have ended.
  void first_rows(const char* name, const Variable& x, std::int64_t rows, std::int64_t columns) const;
  /// x has rows [first, first + count).
  void rows(const char* name, const Variable& x, std::int64_t first, std::int64_t count) const;
  void same_shape(const char* name, const Variable& x, const char* other_name, const Variable& y) const;
  void same_rows(const char* name, const Variable& x, const char* other_name, const Variable& y) const;
  void same_columns(const char* name, const Variable& x, const char* other_name, const Variable& y) const;

  // Parameters: each must be given and have values.
  void values(const Parameter* parameter) const;
  /// It is one of `all`, at its index.
  void listed(const Parameter* parameter, std::span<Parameter* const> all) const;
  /// It has elements [first, first + count).
  void elements(const Parameter* parameter, std::int64_t first, std::int64_t count) const;
  /// A gradient [rows, columns] belongs to it: tapes know parameters by index alone.
  void gradient(const Parameter& parameter, std::int64_t rows, std::int64_t columns) const;
  /// [1, columns]
  void vector(const Parameter* parameter, std::int64_t columns) const;
  /// The weight is packed, for the backward pass too while recording, and x has a column for each of its rows.
  void product(const Tape& tape, const char* name, const Variable& x, const Parameter* weight) const;
  void output(const Tape& tape, const char* name, const Variable& hidden, const OutputLayer& output) const;
  /// At least one product, summed into `columns` columns.
  void terms(const Tape& tape, std::span<const LinearTerm> terms, std::int64_t columns) const;
  /// While recording: the gradient replaces the value, for a step that writes it there (Tape::gradient_replaces_value).
  void replaced(const Tape& tape, const char* name, const Variable& x) const;
  /// The gates of a recurrent step [rows, columns]: given and replaced(), or a first term that has all the rows.
  void gates(const Tape& tape, const Variable& gates, std::span<const LinearTerm> terms, std::int64_t rows,
             std::int64_t columns) const;

  /// `count` ids from 0 to limit - 1; both may be kAny.
  void ids(const char* name, std::span<const int> ids, std::int64_t count, std::int64_t limit) const;

  // Attention: the positions that each row attends to.
  /// Every sentence has 1 to `longest` positions, in a matrix of `positions` rows (kAny: there is none).
  void sentences(const SentenceRows& sentences, std::int64_t positions) const;
  /// The same of each row's sentence, and its window lies in the sentence.
  void pairing(const Pairing& pairing, std::int64_t positions) const;
  /// The same for a matrix whose gradient steps collect: while recording, source_matrix() must have made it.
  void source(const Tape& tape, const char* name, const SourceMatrix& source, const Pairing& pairing) const;
  /// [rows of the pairing, longest]
  void scores(const char* name, const Variable& x, const Pairing& pairing) const;
  /// A query for each row of the step, as wide as the keys.
  void query(const Variable& query, const SourceMatrix& keys, std::span<const int> sentence) const;
  void additive(const AdditivePair& pair, std::span<const int> sentence) const;
  /// A window of `columns` positions for each of `rows` rows.
  void windows(std::span<const PositionWindow> windows, std::int64_t rows, std::int64_t columns) const;

 private:
  static bool fits(std::int64_t size, std::int64_t wanted) { return wanted == kAny || size == wanted; }
  // What the inline checks throw.
  [[noreturn]] void refuse_empty(const char* name) const;
  [[noreturn]] void refuse_shape(const char* name, const Tensor& x, std::int64_t rows, std::int64_t columns) const;
  [[noreturn]] void refuse_rows(const char* name, const Tensor& x, std::int64_t first, std::int64_t count) const;
  [[noreturn]] void refuse_pair(const char* name, const Tensor& x, const char* other_name, const Tensor& y) const;
  [[noreturn]] void refuse_vector(const Parameter* parameter, std::int64_t columns) const;
  [[noreturn]] void refuse_product(const Tape& tape, const char* name, const Variable& x,
                                   const Parameter* weight) const;
  void positions(const SentenceRows& sentences, int sentence, std::int64_t rows) const;
  void window_count(std::size_t windows, std::size_t rows) const;
  void window(const PositionWindow& window, std::size_t row, std::int64_t positions) const;

  const char* operation_;
};

// Those that each step of a search asks for are inline: a sentence of a small model is translated in 0.1 ms.

inline void ArgumentCheck::given(const char* name, const Variable& x) const {
  if (x.empty()) [[unlikely]]
    refuse_empty(name);
}

inline void ArgumentCheck::shape(const char* name, const Tensor& x, std::int64_t rows, std::int64_t columns) const {
  if (!fits(x.rows, rows) || !fits(x.columns, columns)) [[unlikely]]
    refuse_shape(name, x, rows, columns);
}

inline void ArgumentCheck::shape(const char* name, const Variable& x, std::int64_t rows, std::int64_t columns) const {
  given(name, x);
  shape(name, x.value(), rows, columns);
}

inline void ArgumentCheck::rows(const char* name, const Variable& x, std::int64_t first, std::int64_t count) const {
  given(name, x);
  if (first < 0 || count < 0 || first + count > x.rows()) [[unlikely]]
    refuse_rows(name, x.value(), first, count);
}

inline void ArgumentCheck::same_rows(const char* name, const Variable& x, const char* other_name,
                                     const Variable& y) const {
  given(name, x);
  given(other_name, y);
  if (x.rows() != y.rows()) [[unlikely]]
    refuse_pair(name, x.value(), other_name, y.value());
}

inline void ArgumentCheck::same_columns(const char* name, const Variable& x, const char* other_name,
                                        const Variable& y) const {
  given(name, x);
  given(other_name, y);
  if (x.columns() != y.columns()) [[unlikely]]
    refuse_pair(name, x.value(), other_name, y.value());
}

inline void ArgumentCheck::same_shape(const char* name, const Variable& x, const char* other_name,
                                      const Variable& y) const {
  same_rows(name, x, other_name, y);
  same_columns(name, x, other_name, y);
}

inline void ArgumentCheck::vector(const Parameter* parameter, std::int64_t columns) const {
  if (parameter == nullptr || parameter->value.view().empty() || parameter->rows() != 1 ||
      parameter->columns() != columns) [[unlikely]]
    refuse_vector(parameter, columns);
}

inline void ArgumentCheck::product(const Tape& tape, const char* name, const Variable& x,
                                   const Parameter* weight) const {
  if (x.empty() || weight == nullptr || x.columns() != weight->in() || weight->forward.empty() ||
      (tape.recording() && weight->backward.empty())) [[unlikely]]
    refuse_product(tape, name, x, weight);
}

}  // namespace heed

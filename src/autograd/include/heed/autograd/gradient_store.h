#pragma once
#include <span>
#include <vector>

#include "heed/autograd/tape.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Gradients of all parameters of a model in one flat array, computed from what a batch's tapes have collected.
class GradientStore {
 public:
  explicit GradientStore(const ParameterList& parameters);
  Tensor of(const Parameter& parameter) const;
  const Tensor& flat() const { return flat_.view(); }

  /// Replaces all gradients by those of a batch recorded on `tapes`, summed in their order, or adds them. For several
  /// threads, `part` of `parts` computes some of the parameters, over the rows of all tapes.
  void collect(std::span<const Tape* const> tapes, int part = 0, int parts = 1,
               Accumulate accumulate = Accumulate::kNo);
  void collect(const Tape& tape) {
    const Tape* const one = &tape;
    collect({&one, 1});
  }
  /// Euclidean norm of all gradients, after all parts were collected.
  double norm() const;

  /// The rows of a table that have a gradient, in order.
  std::span<const int> rows_of(const Parameter& table) const;

  // For who makes a sum of several stores' gradients in this one (train's GradientSum), after collect().
  float* data() { return flat_.view().data; }
  void set_squares(const Parameter& parameter, double squares);
  /// Rows of a table's gradient, one after the other.
  struct Rows {
    std::span<const int> ids;
    const float* values;
  };
  /// Replaces a table's gradient by a sum of rows, in their order.
  void sum_rows(const Parameter& table, std::span<const Rows> several);

 private:
  std::span<const int> share(std::span<const Tape* const> tapes, int part, int parts) const;
  void collect_weight(const Parameter& weight, std::span<const Tape* const> tapes, Accumulate accumulate);
  void collect_vector(const Parameter& vector, std::span<const Tape* const> tapes, Accumulate accumulate);
  void collect_rows(const Parameter& table, std::span<const Tape* const> tapes, Accumulate accumulate);
  void square_rows(const Parameter& table);

  const ParameterList& parameters_;
  Buffer flat_;
  std::vector<double> squares_;            // by index
  std::vector<std::vector<int>> touched_;  // by index, tables only: rows that are not zero
};

}  // namespace heed

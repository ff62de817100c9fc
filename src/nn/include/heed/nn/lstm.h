#pragma once
#include <span>
#include <string>

#include "heed/autograd/operations.h"
#include "heed/nn/module.h"

namespace heed {

/// Weights of one LSTM layer in one direction; the gates stand in the order i, f, g, o. Hochreiter and Schmidhuber
/// 1997, forget gate of Gers et al. 2000, its bias 1 at first (Jozefowicz et al. 2015).
class LstmCell : public Module {
 public:
  LstmCell(const std::string& name, std::int64_t in, std::int64_t hidden, Rng& rng);
  void visit(const ParameterVisitor& visitor) override;
  std::int64_t hidden() const { return recurrent.rows(); }

  Parameter input;      ///< [in, 4H] hoisted, unless the caller sets its role to Role::kWeight
  Parameter recurrent;  ///< [H, 4H]
  Parameter bias;       ///< [1, 4H]
};

/// Runs a cell over packed sequences. x [sum of step_rows, in]: the rows of the first step, then of the second, ...;
/// sequences stand in order of decreasing length, so that step t has its first step_rows[t] sequences. Backwards, each
/// sequence starts at its own end. The input's product is one for all steps. Returns hidden and cell of every row,
/// packed likewise.
LstmState run_lstm(Tape& tape, const LstmCell& cell, const Variable& x, std::span<const int> step_rows, bool backwards);

}  // namespace heed

#include "cells/kinds.h"

namespace heed {
namespace {

/// The gates stand in the order r, z, n; equations: kernels/gru.h.
class GruCell : public Cell {
 public:
  GruCell(const std::string& name, std::int64_t in, std::int64_t hidden)
      : Cell(name, in, hidden, 3), recurrent_bias_(make_vector(name + ".recurrent_bias", 3 * hidden)) {}
  void visit(const ParameterVisitor& visitor) override {
    Cell::visit(visitor);
    visitor(recurrent_bias_);
  }
  bool has_cell() const override { return false; }
  // The recurrent product stays apart from the others: the reset gate acts on it alone.
  void step(Tape& tape, const CellInput& read, const RnnState& previous, const RnnState& out) const override {
    gru_step(tape,
             {read.projected, step_terms(tape, read, input, {}, nullptr), &bias, &recurrent, &recurrent_bias_,
              previous.hidden, read.recurrent},
             out.hidden);
  }

 private:
  Parameter recurrent_bias_;  // [1, 3H]
};

}  // namespace

std::unique_ptr<Cell> make_gru(const std::string& name, std::int64_t in, std::int64_t hidden) {
  return std::make_unique<GruCell>(name, in, hidden);
}

}  // namespace heed

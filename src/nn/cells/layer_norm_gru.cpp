#include <algorithm>

#include "cells/kinds.h"

namespace heed {
namespace {

/// Ba et al. 2016, equations 23 to 25, each product normalised over all gates together, and the reset gate behind the
/// product as in `gru`:
///   r, z = sigmoid(LN(x W) + b + LN(h' U) + d);  n = tanh(LN(x W) + b + r (LN(h' U) + d));  h = (1 - z) n + z h'
/// What else is read in a step is summed and normalised for itself, with the gain of x W.
class LayerNormGruCell : public Cell {
 public:
  LayerNormGruCell(const std::string& name, std::int64_t in, std::int64_t hidden)
      : Cell(name, in, hidden, 3),
        recurrent_bias_(make_vector(name + ".recurrent_bias", 3 * hidden)),
        input_gain_(make_gain(name + ".input_gain", 3 * hidden)),
        recurrent_gain_(make_gain(name + ".recurrent_gain", 3 * hidden)) {}
  void visit(const ParameterVisitor& visitor) override {
    Cell::visit(visitor);
    visitor(recurrent_bias_);
    if (input.rows() > 0) visitor(input_gain_);
    visitor(recurrent_gain_);
  }
  bool has_cell() const override { return false; }

  Variable input_projection(Tape& tape, const Variable& x) const override {
    return layer_norm(tape, linear(tape, {{x, &input}}), input_gain_);
  }

  void step(Tape& tape, const CellInput& read, const RnnState& previous, const RnnState& out) const override {
    const Variable gates = read.projected.empty() ? project(tape, read.x) : read.projected;
    const Variable more = sum_of_products(tape, read.more, gates.rows());
    if (!more.empty()) add_to_gates(tape, layer_norm(tape, more, input_gain_), gates);
    const Variable& hidden = read.hidden(previous);
    Variable inner;
    if (!hidden.empty()) {
      const LinearTerm own{hidden, &recurrent};
      inner = layer_norm(tape, sum_of_products(tape, {&own, 1}, gates.rows()), recurrent_gain_);
    }
    normed_gru_step(tape, {gates, &bias, inner, &recurrent_bias_, previous.hidden}, out.hidden);
  }

 private:
  Parameter recurrent_bias_;  // [1, 3H]
  Parameter input_gain_;      // [1, 3H]
  Parameter recurrent_gain_;  // [1, 3H]
};

}  // namespace

std::unique_ptr<Cell> make_layer_norm_gru(const std::string& name, std::int64_t in, std::int64_t hidden) {
  return std::make_unique<LayerNormGruCell>(name, in, hidden);
}

}  // namespace heed

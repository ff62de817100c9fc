#include <algorithm>

#include "cells/kinds.h"

namespace heed {
namespace {

/// Ba et al. 2016, equations 20 to 22, each product normalised over all gates together:
///   i, f, g, o = LN(x W) + LN(h' U + what else is read) + b;  c = f c' + i g;  h = o tanh(LN(c))
/// LN(x W) is known before the steps; its shift and that of the second one are in b.
class LayerNormLstmCell : public Cell {
 public:
  LayerNormLstmCell(const std::string& name, std::int64_t in, std::int64_t hidden)
      : Cell(name, in, hidden, 4),
        input_gain_(make_gain(name + ".input_gain", 4 * hidden)),
        recurrent_gain_(make_gain(name + ".recurrent_gain", 4 * hidden)),
        cell_gain_(make_gain(name + ".cell_gain", hidden)),
        cell_bias_(make_vector(name + ".cell_bias", hidden)) {
    open_forget_gate(bias);
  }
  void visit(const ParameterVisitor& visitor) override {
    Cell::visit(visitor);
    if (input.rows() > 0) visitor(input_gain_);
    for (Parameter* parameter : {&recurrent_gain_, &cell_gain_, &cell_bias_}) visitor(*parameter);
  }

  Variable input_projection(Tape& tape, const Variable& x) const override {
    return layer_norm(tape, linear(tape, {{x, &input}}), input_gain_);
  }

  void step(Tape& tape, const CellInput& read, const RnnState& previous, const RnnState& out) const override {
    const Variable gates = read.projected.empty() ? project(tape, read.x) : read.projected;
    const std::span<LinearTerm> terms = tape.arena().array<LinearTerm>(read.more.size() + 1);
    std::copy(read.more.begin(), read.more.end(), terms.begin());
    std::size_t count = read.more.size();
    if (const Variable& hidden = read.hidden(previous); !hidden.empty()) terms[count++] = {hidden, &recurrent};
    const Variable inner = sum_of_products(tape, terms.first(count), gates.rows());
    if (!inner.empty()) add_to_gates(tape, layer_norm(tape, inner, recurrent_gain_), gates);
    normed_lstm_step(tape, {gates, &bias, &cell_gain_, &cell_bias_, previous.cell}, out);
  }

 private:
  Parameter input_gain_;      // [1, 4H]
  Parameter recurrent_gain_;  // [1, 4H]
  Parameter cell_gain_;       // [1, H]
  Parameter cell_bias_;       // [1, H]
};

}  // namespace

std::unique_ptr<Cell> make_layer_norm_lstm(const std::string& name, std::int64_t in, std::int64_t hidden) {
  return std::make_unique<LayerNormLstmCell>(name, in, hidden);
}

}  // namespace heed

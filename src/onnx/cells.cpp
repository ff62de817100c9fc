#include "cells.h"

#include "arithmetic.h"
#include "line_of.h"

namespace heed::onnx {
namespace {

/// The sum of what is there.
Value sum_of(Graph& g, const Values& parts) {
  Value out;
  for (const Value& each : parts) {
    if (!each.empty()) out = out.empty() ? each : add(g, out, each);
  }
  return out;
}

Value products(Graph& g, const std::vector<Term>& terms) {
  Values parts;
  for (const Term& each : terms) parts.push_back(linear(g, each.x, each.weight));
  return sum_of(g, parts);
}

/// c = f c' + i g; h = o tanh(c), or of its norm
CellState lstm_gates(Graph& g, const std::string& name, const Value& gates, const Value& before) {
  const Values each = split(g, gates, 4);
  const Value kept = multiply(g, sigmoid(g, each[1]), before);
  const Value cell = add(g, kept, multiply(g, sigmoid(g, each[0]), tanh(g, each[2])));
  Value read = cell;
  if (g.has_weight(name + ".cell_gain"))
    read = add(g, layer_norm(g, cell, name + ".cell_gain"), g.weight(name + ".cell_bias"));
  return {multiply(g, sigmoid(g, each[3]), tanh(g, read)), cell};
}

/// r, z = sigmoid(x + h'); n = tanh(x + r h'); h = (1 - z) n + z h'
CellState gru_gates(Graph& g, const Value& x, const Value& inner, const Value& before) {
  const Values of_x = split(g, x, 3);
  const Values of_h = split(g, inner, 3);
  const Value r = sigmoid(g, add(g, of_x[0], of_h[0]));
  const Value z = sigmoid(g, add(g, of_x[1], of_h[1]));
  const Value n = tanh(g, add(g, of_x[2], multiply(g, r, of_h[2])));
  return {add(g, n, multiply(g, z, subtract(g, before, n))), {}};
}

struct StepInput {
  const std::string& name;
  Value projected;
  std::vector<Term> more;
  CellState before;

  Value recurrent(Graph& g) const { return linear(g, before.hidden, name + ".recurrent"); }
  Value bias(Graph& g) const { return g.weight(name + ".bias"); }
};

CellState lstm(Graph& g, const StepInput& in) {
  const Value gates = sum_of(g, {in.projected, products(g, in.more), in.recurrent(g), in.bias(g)});
  return lstm_gates(g, in.name, gates, in.before.cell);
}

CellState layer_norm_lstm(Graph& g, const StepInput& in) {
  const Value inner = sum_of(g, {products(g, in.more), in.recurrent(g)});
  const Value normed = layer_norm(g, inner, in.name + ".recurrent_gain");
  return lstm_gates(g, in.name, sum_of(g, {in.projected, normed, in.bias(g)}), in.before.cell);
}

CellState gru(Graph& g, const StepInput& in) {
  const Value inner = add(g, in.recurrent(g), g.weight(in.name + ".recurrent_bias"));
  return gru_gates(g, sum_of(g, {in.projected, products(g, in.more), in.bias(g)}), inner, in.before.hidden);
}

CellState layer_norm_gru(Graph& g, const StepInput& in) {
  Value more = products(g, in.more);
  if (!more.empty()) more = layer_norm(g, more, in.name + ".input_gain");
  const Value normed = layer_norm(g, in.recurrent(g), in.name + ".recurrent_gain");
  const Value inner = add(g, normed, g.weight(in.name + ".recurrent_bias"));
  return gru_gates(g, sum_of(g, {in.projected, more, in.bias(g)}), inner, in.before.hidden);
}

struct CellLine {
  const char* name;
  CellState (*step)(Graph& g, const StepInput& in);
  bool has_cell;
  bool normed;
};

constexpr CellLine kCells[] = {
    {"lstm", lstm, true, false},
    {"gru", gru, false, false},
    {"layernorm-lstm", layer_norm_lstm, true, true},
    {"layernorm-gru", layer_norm_gru, false, true},
};

const CellLine& find(const std::string& name) { return line_of(kCells, "cell", name); }

}  // namespace

bool has_cell(const std::string& kind) { return find(kind).has_cell; }

Value input_projection(Graph& g, const CellName& cell, const Value& x) {
  const Value product = linear(g, x, cell.name + ".input");
  return find(cell.kind).normed ? layer_norm(g, product, cell.name + ".input_gain") : product;
}

CellState cell_step(Graph& g, const CellName& cell, const Value& projected, const std::vector<Term>& more,
                    const CellState& before) {
  return find(cell.kind).step(g, {cell.name, projected, more, before});
}

CellState transitions(Graph& g, const CellName& cell, int depth, CellState state) {
  for (int i = 1; i < depth; ++i) {
    state = cell_step(g, {cell.kind, fmt::format("{}.transition.{}", cell.name, i)}, {}, {}, state);
  }
  return state;
}

}  // namespace heed::onnx

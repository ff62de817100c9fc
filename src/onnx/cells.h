#pragma once
#include <string>
#include <vector>

#include "graph.h"

namespace heed::onnx {

struct CellState {
  Value hidden;  ///< [B, H]
  Value cell;    ///< [B, H]; empty of a GRU
};

/// A product that a step has beside those of its input and its state.
struct Term {
  Value x;
  std::string weight;
};

/// A cell of model.encoder.cell or model.decoder.cell (`kind`) with the arrays of `name`.
struct CellName {
  std::string kind;
  std::string name;
};

bool has_cell(const std::string& kind);
/// The product of a cell's input, of any number of positions at once.
Value input_projection(Graph& g, const CellName& cell, const Value& x);
/// `projected` is empty for a cell that only goes on from a state.
CellState cell_step(Graph& g, const CellName& cell, const Value& projected, const std::vector<Term>& more,
                    const CellState& before);
/// Further cells, of a depth of `depth`, that a state goes through.
CellState transitions(Graph& g, const CellName& cell, int depth, CellState state);

}  // namespace heed::onnx

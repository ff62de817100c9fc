#include "heed/nn/cell.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "cells/kinds.h"
#include "heed/autograd/checks.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {

Cell::Cell(const std::string& name, std::int64_t in, std::int64_t hidden, int gates)
    : input(make_hoisted_weight(name + ".input", in, gates * hidden, gates)),
      recurrent(make_recurrent_weight(name + ".recurrent", hidden, gates)),
      bias(make_vector(name + ".bias", gates * hidden)) {}

void Cell::visit(const ParameterVisitor& visitor) {
  if (input.rows() > 0) visitor(input);
  visitor(recurrent);
  visitor(bias);
}

Parameter Cell::make_input(std::string name, std::int64_t in) const {
  return make_weight(std::move(name), in, columns(), static_cast<int>(columns() / hidden()));
}

Variable Cell::input_projection(Tape& tape, const Variable& x) const { return linear(tape, {{x, &input}}); }

Variable Cell::project(Tape& tape, const Variable& x) const {
  const Variable out = input_projection(tape, x);
  tape.gradient_replaces_value(out);
  return out;
}

RnnState Cell::make_state(Tape& tape, std::int64_t rows) const {
  return {tape.variable(rows, hidden()), has_cell() ? tape.variable(rows, hidden()) : Variable()};
}

const std::vector<CellKind>& cell_kinds() {
  static const std::vector<CellKind> all = {
      {"lstm", "memory cell behind input, forget and output gates", "Hochreiter and Schmidhuber 1997; Gers et al. 2000",
       4, make_lstm},
      {"gru", "update and reset gate, no memory cell: three quarters of the weights", "Cho et al. 2014", 3, make_gru,
       false},
      {"layernorm-lstm", "LSTM whose sums and memory cell are normalised: steadier training, slower steps",
       "Ba et al. 2016", 4, make_layer_norm_lstm},
      {"layernorm-gru", "GRU whose sums are normalised", "Ba et al. 2016", 3, make_layer_norm_gru, false},
  };
  return all;
}

std::vector<std::string> cell_names() {
  std::vector<std::string> names;
  for (const CellKind& kind : cell_kinds()) names.push_back(kind.name);
  return names;
}

const CellKind& find_cell(const std::string& name) {
  for (const CellKind& kind : cell_kinds()) {
    if (kind.name == name) return kind;
  }
  throw UsageError("unknown cell '" + name + "'" + did_you_mean(name, cell_names()));
}

std::unique_ptr<Cell> make_cell(const std::string& kind, const std::string& name, std::int64_t in,
                                std::int64_t hidden) {
  return find_cell(kind).make(name, in, hidden);
}

std::unique_ptr<Transitions> Transitions::make(const std::string& kind, const std::string& name, std::int64_t hidden,
                                               int depth) {
  if (depth == 1) return nullptr;
  auto out = std::make_unique<Transitions>();
  for (int i = 1; i < depth; ++i) {
    out->cells_.push_back(make_cell(kind, name + ".transition." + std::to_string(i), 0, hidden));
  }
  return out;
}

void Transitions::run(Tape& tape, RnnState state, const RnnState& out) const {
  const std::int64_t rows = state.hidden.rows();
  for (const auto& cell : cells_) {
    const Variable nothing = tape.variable(tape.arena().zeros(rows, cell->columns()));
    tape.gradient_replaces_value(nothing);
    const RnnState next = cell == cells_.back() ? out : cell->make_state(tape, rows);
    cell->step(tape, {.projected = nothing}, state, next);
    state = next;
  }
}

void Transitions::visit(const ParameterVisitor& visitor) {
  for (const auto& cell : cells_) cell->visit(visitor);
}

Variable gather_projection(Tape& tape, const Variable& projection, std::span<const int> rows) {
  const Variable out = gather_rows(tape, projection, rows);
  tape.gradient_replaces_value(out);
  return out;
}

RnnState run_cell(Tape& tape, const Cell& cell, const Variable& x, std::span<const int> step_rows, bool backwards) {
  return run_projected(tape, cell, cell.project(tape, x), {step_rows, backwards});
}

RnnState run_projected(Tape& tape, const Cell& cell, const Variable& projected, const CellRun& run) {
  const auto& [step_rows, backwards, mask, transitions] = run;
  const ArgumentCheck check("run_projected");
  check.shape("projected", projected, std::accumulate(step_rows.begin(), step_rows.end(), std::int64_t{0}),
              cell.columns());
  check.that(std::is_sorted(step_rows.begin(), step_rows.end(), std::greater<>()),
             "a step has more rows than the one before");
  const RnnState all = cell.make_state(tape, projected.rows());
  const auto steps = static_cast<int>(step_rows.size());
  std::int64_t first = backwards ? projected.rows() : 0;
  RnnState previous;
  for (int i = 0; i < steps; ++i) {
    const int rows = step_rows[backwards ? steps - 1 - i : i];
    if (backwards) first -= rows;
    const RnnState out{tape.view(all.hidden, first, rows),
                       cell.has_cell() ? tape.view(all.cell, first, rows) : Variable()};
    CellInput read{.projected = tape.view(projected, first, rows)};
    if (!mask.empty() && i > 0) read.recurrent = masked(tape, previous.hidden, mask.slice(0, rows));
    if (transitions == nullptr) {
      cell.step(tape, read, previous, out);
    } else {
      const RnnState made = cell.make_state(tape, rows);
      cell.step(tape, read, previous, made);
      transitions->run(tape, made, out);
    }
    previous = out;
    if (!backwards) first += rows;
  }
  return all;
}

RnnState gather_rows(Tape& tape, const RnnState& state, std::span<const int> rows) {
  return {gather_rows(tape, state.hidden, rows), state.cell.empty() ? Variable() : gather_rows(tape, state.cell, rows)};
}

RnnState concat_columns(Tape& tape, const RnnState& left, const RnnState& right) {
  return {concat_columns(tape, std::array{left.hidden, right.hidden}),
          left.cell.empty() ? Variable() : concat_columns(tape, std::array{left.cell, right.cell})};
}

}  // namespace heed

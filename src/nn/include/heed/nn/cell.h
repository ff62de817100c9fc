#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/nn/module.h"

namespace HEED_ENGINE_API heed {

/// A cell's input in a step, beside its own state.
struct CellInput {
  Variable projected = {};                ///< [n, columns()] rows of Cell::project(), overwritten; or empty, and then
  Variable x = {};                        ///< [n, in] the input itself
  std::span<const LinearTerm> more = {};  ///< further products [n or more rows] into columns(): context, input feeding
  Variable recurrent = {};  ///< what the recurrent product reads in the place of the previous state; or empty

  const Variable& hidden(const RnnState& previous) const { return recurrent.empty() ? previous.hidden : recurrent; }
};

/// Weights of one recurrent layer in one direction, and its step.
class Cell : public Module {
 public:
  /// `in` is 0 for a cell that only goes on from a state (Transitions); it then has no input weight.
  Cell(const std::string& name, std::int64_t in, std::int64_t hidden, int gates);
  void visit(const ParameterVisitor& visitor) override;
  std::int64_t hidden() const { return recurrent.rows(); }
  std::int64_t columns() const { return recurrent.columns(); }
  /// A weight [in, columns()] for a further input.
  Parameter make_input(std::string name, std::int64_t in) const;
  virtual bool has_cell() const { return true; }

  /// The input projection x W of all steps in one product; row i depends on row i of x only. [n, columns()]
  virtual Variable input_projection(Tape& tape, const Variable& x) const;
  /// The same for a step to overwrite by its gradient.
  Variable project(Tape& tape, const Variable& x) const;
  /// A new state for a step's result. [n, hidden()]
  RnnState make_state(Tape& tape, std::int64_t rows) const;
  /// One step of n rows; row r continues row r of `previous`, which may have more rows (sequences that ended), fewer
  /// (the others begin), or none.
  virtual void step(Tape& tape, const CellInput& input, const RnnState& previous, const RnnState& out) const = 0;

  Parameter input;      ///< [in, columns()] hoisted, unless the caller sets its role to ParameterRole::kWeight
  Parameter recurrent;  ///< [H, columns()]
  Parameter bias;       ///< [1, columns()]
};

/// A line of the table of cells, from which config, `heed list cells` and tests follow.
struct CellKind {
  std::string name;
  std::string description;
  std::string paper;
  int gates;  ///< columns of its weights, in widths of the state
  std::unique_ptr<Cell> (*make)(const std::string& name, std::int64_t in, std::int64_t hidden);
  bool forgets = true;  ///< has a forget gate with a bias
};
const std::vector<CellKind>& cell_kinds();
std::vector<std::string> cell_names();
/// Throws UsageError with the nearest name.
const CellKind& find_cell(const std::string& name);
/// `name` is the prefix of its parameters' names.
std::unique_ptr<Cell> make_cell(const std::string& kind, const std::string& name, std::int64_t in, std::int64_t hidden);

/// Cells that a state goes through within a step, behind the one that reads the input: deep transition (Pascanu et al.
/// 2014; Miceli Barone et al. 2017).
class Transitions : public Module {
 public:
  /// `depth` - 1 of them; none for a depth of 1.
  static std::unique_ptr<Transitions> make(const std::string& kind, const std::string& name, std::int64_t hidden,
                                           int depth);
  /// From the state that the first cell gave to that of the last one, which is written to `out`.
  void run(Tape& tape, RnnState state, const RnnState& out) const;
  void visit(const ParameterVisitor& visitor) override;

 private:
  std::vector<std::unique_ptr<Cell>> cells_;
};

/// The order in which a cell reads packed sequences.
struct CellRun {
  std::span<const int> step_rows;
  bool backwards = false;
  /// [sequences, H] of the recurrent state, the same at each step (Gal and Ghahramani 2016); or empty
  Tensor mask = {};
  const Transitions* transitions = nullptr;
};

/// Runs a cell over packed sequences. x [sum of step_rows, in]: the rows of the first step, then of the second, ...;
/// sequences are in order of decreasing length, so that step t has its first step_rows[t] sequences. Backwards, each
/// sequence starts at its own end. The input projection is one product for all steps. Returns the states of every row,
/// packed likewise.
RnnState run_cell(Tape& tape, const Cell& cell, const Variable& x, std::span<const int> step_rows, bool backwards);
/// The same from project() of the inputs.
RnnState run_projected(Tape& tape, const Cell& cell, const Variable& projected, const CellRun& run);
/// Cell::project() of repeated inputs: `projection` is Cell::input_projection() of the distinct ones, and input i is
/// its row rows[i].
Variable gather_projection(Tape& tape, const Variable& projection, std::span<const int> rows);

// States with or without a cell.

/// Row i of the result is row rows[i] of the state.
RnnState gather_rows(Tape& tape, const RnnState& state, std::span<const int> rows);
/// The states side by side.
RnnState concat_columns(Tape& tape, const RnnState& left, const RnnState& right);

}  // namespace heed

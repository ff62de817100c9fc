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

/// What a cell reads in a step, besides its own state.
struct CellInput {
  Variable projected = {};  ///< [n, columns()] rows of Cell::project(); overwritten. Or empty, and then
  Variable x = {};          ///< [n, in] the input itself
  std::span<const LinearTerm> more =
      {};  ///< further products [n or more rows] into columns(): contexts, what is fed back
};

/// Weights of one recurrent layer in one direction, and what they do in a step.
class Cell : public Module {
 public:
  Cell(const std::string& name, std::int64_t in, std::int64_t hidden, int gates);
  void visit(const ParameterVisitor& visitor) override;
  std::int64_t hidden() const { return recurrent.rows(); }
  std::int64_t columns() const { return recurrent.columns(); }
  /// A weight [in, columns()] for a further input.
  Parameter make_input(std::string name, std::int64_t in) const;
  virtual bool has_cell() const { return true; }

  /// What is known of an input before the steps that read it: one product for all of them. Each row is that of its
  /// row of x. [n, columns()]
  virtual Variable input_projection(Tape& tape, const Variable& x) const;
  /// The same for the step to overwrite, its gradient in its place.
  Variable project(Tape& tape, const Variable& x) const;
  /// Where a step's result goes. [n, hidden()]
  RnnState make_state(Tape& tape, std::int64_t rows) const;
  /// One step of n rows from `previous`, whose row r goes on in row r: it may have more, whose sequences have ended, or
  /// fewer, where the others begin; or be empty.
  virtual void step(Tape& tape, const CellInput& input, const RnnState& previous, const RnnState& out) const = 0;

  Parameter input;      ///< [in, columns()] hoisted, unless the caller sets its role to ParameterRole::kWeight
  Parameter recurrent;  ///< [H, columns()]
  Parameter bias;       ///< [1, columns()]
};

/// One line of the table of cells: config, `heed list cells` and the tests know no more.
struct CellKind {
  std::string name;
  std::string description;
  std::string paper;
  int gates;  ///< columns of its weights, in widths of the state
  std::unique_ptr<Cell> (*make)(const std::string& name, std::int64_t in, std::int64_t hidden);
};
const std::vector<CellKind>& cell_kinds();
std::vector<std::string> cell_names();
/// Throws UsageError with the nearest name.
const CellKind& find_cell(const std::string& name);
/// `name` is what its parameters' names begin with.
std::unique_ptr<Cell> make_cell(const std::string& kind, const std::string& name, std::int64_t in, std::int64_t hidden);

/// Runs a cell over packed sequences. x [sum of step_rows, in]: the rows of the first step, then of the second, ...;
/// sequences stand in order of decreasing length, so that step t has its first step_rows[t] sequences. Backwards, each
/// sequence starts at its own end. The input's product is one for all steps. Returns the states of every row, packed
/// likewise.
RnnState run_cell(Tape& tape, const Cell& cell, const Variable& x, std::span<const int> step_rows, bool backwards);
/// The same, of project() of the inputs.
RnnState run_projected(Tape& tape, const Cell& cell, const Variable& projected, std::span<const int> step_rows,
                       bool backwards);
/// Cell::project() of inputs of which some are the same: `known` is Cell::input_projection() of the different ones,
/// input i is their row rows[i].
Variable gather_projection(Tape& tape, const Variable& projection, std::span<const int> rows);

// A state as a whole, whether it has a cell or not.

/// Row i of the result is row rows[i] of the state.
RnnState gather_rows(Tape& tape, const RnnState& state, std::span<const int> rows);
/// The states beside each other.
RnnState concat_columns(Tape& tape, const RnnState& left, const RnnState& right);

}  // namespace heed

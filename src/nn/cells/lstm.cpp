#include "heed/nn/lstm.h"

#include <algorithm>

#include "cells/kinds.h"

namespace heed {

LstmCell::LstmCell(const std::string& name, std::int64_t in, std::int64_t hidden) : Cell(name, in, hidden, 4) {
  open_forget_gate(bias);
}

void LstmCell::step(Tape& tape, const CellInput& read, const RnnState& previous, const RnnState& out) const {
  lstm_step(tape,
            {read.projected, step_terms(tape, read, input, read.hidden(previous), &recurrent), &bias, previous.cell},
            out);
}

std::unique_ptr<Cell> make_lstm(const std::string& name, std::int64_t in, std::int64_t hidden) {
  return std::make_unique<LstmCell>(name, in, hidden);
}

void open_forget_gate(Parameter& bias) {
  bias.initializer = [hidden = bias.columns() / 4](const Tensor& value, Rng&) {
    std::fill_n(value.data + hidden, hidden, 1.0F);
  };
}

std::span<LinearTerm> step_terms(Tape& tape, const CellInput& input, const Parameter& weight, const Variable& hidden,
                                 const Parameter* recurrent) {
  const std::span<LinearTerm> terms = tape.arena().array<LinearTerm>(input.more.size() + 2);
  std::size_t count = 0;
  if (input.projected.empty()) terms[count++] = {input.x, &weight};
  for (const LinearTerm& term : input.more) terms[count++] = term;
  if (!hidden.empty() && recurrent != nullptr) terms[count++] = {hidden, recurrent};
  return terms.first(count);
}

}  // namespace heed

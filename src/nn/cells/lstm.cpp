#include "heed/nn/lstm.h"

#include <algorithm>

#include "cells/kinds.h"
#include "heed/nn/initial_options.h"

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
  bias.initializer = [hidden = bias.columns() / 4](const Tensor& value, Rng&, const InitialOptions& options) {
    std::fill_n(value.data + hidden, hidden, static_cast<float>(options.forget_bias));
  };
}

Parameter make_gain(std::string name, std::int64_t size) {
  Parameter gain = make_vector(std::move(name), size);
  gain.initializer = [](const Tensor& value, Rng&, const InitialOptions&) {
    std::fill_n(value.data, value.size(), 1.0F);
  };
  return gain;
}

Variable sum_of_products(Tape& tape, std::span<const LinearTerm> terms, std::int64_t rows) {
  if (terms.empty()) return {};
  const std::span<LinearTerm> first = tape.arena().array<LinearTerm>(terms.size());
  for (const LinearTerm& term : terms) rows = std::min(rows, term.x.rows());
  std::copy(terms.begin(), terms.end(), first.begin());
  for (LinearTerm& term : first) {
    if (term.x.rows() > rows) term.x = tape.view(term.x, 0, rows);
  }
  return linear(tape, first);
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

#include "heed/nn/lstm.h"

#include <algorithm>
#include <vector>

namespace heed {

LstmCell::LstmCell(const std::string& name, std::int64_t in, std::int64_t hidden, Rng& rng)
    : input(make_hoisted_weight(name + ".input", in, 4 * hidden, rng, 4)),
      recurrent(make_weight(name + ".recurrent", hidden, 4 * hidden, rng, 4)),
      bias(make_vector(name + ".bias", 4 * hidden)) {
  std::fill_n(bias.value.view().data + hidden, hidden, 1.0F);
}

void LstmCell::visit(const ParameterVisitor& visitor) {
  visitor(input);
  visitor(recurrent);
  visitor(bias);
}

LstmState run_lstm(Tape& tape, const LstmCell& cell, const Variable& x, std::span<const int> step_rows,
                   bool backwards) {
  const Variable gates = linear(tape, {{x, &cell.input}});
  tape.gradient_replaces_value(gates);
  const LstmState all{tape.variable(x.rows(), cell.hidden()), tape.variable(x.rows(), cell.hidden())};
  const auto steps = static_cast<int>(step_rows.size());
  std::int64_t first = backwards ? x.rows() : 0;
  LstmState previous;
  for (int i = 0; i < steps; ++i) {
    const int rows = step_rows[backwards ? steps - 1 - i : i];
    if (backwards) first -= rows;
    const LstmState out{tape.view(all.hidden, first, rows), tape.view(all.cell, first, rows)};
    const Term recurrent{previous.hidden, &cell.recurrent};
    lstm_step(tape,
              {tape.view(gates, first, rows),
               {&recurrent, previous.hidden.empty() ? std::size_t{0} : 1},
               &cell.bias,
               previous.cell},
              out);
    previous = out;
    if (!backwards) first += rows;
  }
  return all;
}

}  // namespace heed

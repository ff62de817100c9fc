#include "recurrence.h"

#include <algorithm>

#include "arithmetic.h"

namespace heed::onnx {
namespace {

/// A cell that is an operator of ONNX, which runtimes have their fastest code for.
struct OperatorLine {
  const char* name;
  const char* type;
  std::vector<std::size_t> gates;  ///< ours, in the order of the operator
  Attributes attributes;
};

const OperatorLine* find_operator(const std::string& cell) {
  static const OperatorLine operators[] = {
      {"lstm", "LSTM", {0, 3, 1, 2}, {}},                                     // i, o, f, c
      {"gru", "GRU", {1, 0, 2}, {{"linear_before_reset", std::int64_t{1}}}},  // z, r, h
  };
  const auto* const end = std::end(operators);
  const auto* const found =
      std::find_if(std::begin(operators), end, [&](const OperatorLine& line) { return cell == line.name; });
  return found == end ? nullptr : found;
}

/// The gates of an array, its last axis, in the operator's order.
Value in_order(Graph& g, const OperatorLine& line, const Value& array) {
  const Values parts = split(g, array, static_cast<int>(line.gates.size()));
  Values out;
  for (const std::size_t gate : line.gates) out.push_back(parts[gate]);
  return concat(g, out);
}

DirectionStates run_operator(Graph& g, const OperatorLine& line, const Direction& direction,
                             const Sequences& sequences) {
  const auto array = [&](const char* part) { return g.weight(direction.cell.name + part); };
  // [in, gates H] as [1, gates H, in]
  const auto weight = [&](const char* part) {
    return unsqueeze(g, g.op("Transpose", {in_order(g, line, array(part))}), 0);
  };
  const std::vector<std::int64_t> sequence_first = {1, 0, 2};
  const Value bias = in_order(g, line, array(".bias"));
  const bool two = g.has_weight(direction.cell.name + ".recurrent_bias");
  const Value recurrent_bias = two ? in_order(g, line, array(".recurrent_bias")) : scale(g, bias, 0);
  Attributes attributes = line.attributes;
  attributes.push_back({"hidden_size", direction.hidden});
  attributes.push_back({"direction", direction.backwards ? "reverse" : "forward"});
  const Values inputs = {g.op("Transpose", {sequences.x}, {{"perm", sequence_first}}), weight(".input"),
                         weight(".recurrent"), concat(g, {bias, recurrent_bias}),
                         to(g, squeeze(g, sequences.lengths, 1), Type::kInt32)};
  const bool cell = has_cell(direction.cell.kind);
  const Values states = g.ops(line.type, inputs, cell ? 3 : 2, attributes);  // [S, 1, B, H], and [1, B, H] the last
  return {g.op("Transpose", {squeeze(g, states[0], 1)}, {{"perm", sequence_first}}),
          {squeeze(g, states[1], 0), cell ? squeeze(g, states[2], 0) : Value()}};
}

/// Beyond a sentence the state stays as it is, so that a backward direction begins at its end.
DirectionStates run_scan(Graph& g, const Direction& direction, const Sequences& sequences) {
  const Value zeros = fill(g, g.number(0), sequences.x, 1, {direction.hidden});
  Values states = {zeros};
  const bool cell = has_cell(direction.cell.kind);
  if (cell) states.push_back(zeros);
  const Values inputs = {input_projection(g, direction.cell, sequences.x), unsqueeze(g, sequences.inside, 2)};
  const Graph::Scanned scanned =
      g.scan(states, inputs, direction.backwards, [&](Graph& body, const Values& before, const Values& read) {
        const CellState previous = {before[0], cell ? before[1] : Value()};
        CellState now = cell_step(body, direction.cell, read[0], {}, previous);
        now = transitions(body, direction.cell, direction.depth, now);
        const Value is_inside = to(body, read[1], Type::kBool);
        Values next = {where(body, is_inside, now.hidden, previous.hidden)};
        if (cell) next.push_back(where(body, is_inside, now.cell, previous.cell));
        return std::pair{next, Values{next.front()}};
      });
  return {scanned.outputs.front(), {scanned.states[0], cell ? scanned.states[1] : Value()}};
}

}  // namespace

DirectionStates run_direction(Graph& g, const Direction& direction, const Sequences& sequences) {
  const OperatorLine* const line = find_operator(direction.cell.kind);
  if (line == nullptr || direction.depth > 1) return run_scan(g, direction, sequences);
  return run_operator(g, *line, direction, sequences);
}

}  // namespace heed::onnx

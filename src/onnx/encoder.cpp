#include "encoder.h"

#include <limits>

#include "arithmetic.h"
#include "heed/model/array_names.h"
#include "heed/model/context_entry.h"
#include "recurrence.h"

namespace heed::onnx {
namespace {

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

/// [B, source, E], with the columns of the features that stand beside.
Value embed(Exchange& exchange, const TextSide& source) {
  Graph& g = exchange.encoder;
  const auto look_up = [&](const std::string& table, const Value& ids) {
    return g.op("Gather", {g.weight(table), ids});
  };
  Value tokens = look_up(exchange.options.ties_both() ? kTargetEmbedding : kSourceEmbedding,
                         g.input("source", Type::kInt64, {kBatch, kSource}));
  Values parts = {{}};
  for (const FeatureOptions& feature : source.options().features()) {
    const std::string name = "source.features." + feature.name;
    const Value values = look_up(feature_embedding_name(feature.name), g.input(name, Type::kInt64, {kBatch, kSource}));
    if (feature.adds()) {
      tokens = add(g, tokens, values);
    } else {
      parts.push_back(values);
    }
  }
  parts.front() = tokens;
  return concat(g, parts);
}

/// A layer of a pyramid reads pairs of positions; the last of an odd number stands beside itself.
Value join_pairs(Exchange& exchange, const Value& x) {
  Graph& g = exchange.encoder;
  const Value left = slice(g, x, 0, kEnd, 1, 2);
  const Value right = slice(g, pad(g, x, {.axis = 1, .axes = 3, .behind = 1}, g.number(0)), 1, kEnd, 1, 2);
  const Value padded = pad(g, exchange.inside, {.axis = 1, .axes = 2, .behind = 1}, g.number(0));
  const Value has_right = to(g, unsqueeze(g, slice(g, padded, 1, kEnd, 1, 2), 2), Type::kBool);
  exchange.inside = slice(g, exchange.inside, 0, kEnd, 1, 2);
  exchange.lengths = sum(g, exchange.inside);
  return concat(g, {left, where(g, has_right, right, left)});
}

DirectionStates run_layer(Exchange& exchange, int layer, const Value& x) {
  Graph& g = exchange.encoder;
  const ModelOptions& options = exchange.options;
  const auto direction = [&](const std::string& name, bool backwards) {
    const Direction of{
        {options.encoder_cell, name}, options.direction_hidden(layer), options.encoder_cell_depth, backwards};
    return run_direction(g, of, {x, exchange.inside, exchange.lengths});
  };
  DirectionStates forward = direction(forward_name(layer), false);
  if (!options.both_ways(layer)) return forward;
  const DirectionStates backward = direction(backward_name(layer), true);
  const auto both = [&](const Value& a, const Value& b) { return a.empty() ? a : concat(g, {a, b}); };
  return {both(forward.all, backward.all),
          {both(forward.last.hidden, backward.last.hidden), both(forward.last.cell, backward.last.cell)}};
}

/// What steps read: states, which are there, and how many.
void hand_over(Exchange& exchange) {
  Graph& g = exchange.encoder;
  const std::int64_t width = memory_columns(exchange.options);
  exchange.step_inside =
      exchange.remember("memory.inside", to(g, exchange.inside, Type::kBool), Type::kBool, {kBatch, kMemory});
  exchange.values = exchange.remember("memory.values", exchange.states_read, Type::kFloat, {kBatch, kMemory, width});
  exchange.step_lengths = sum(exchange.step, to(exchange.step, exchange.step_inside, Type::kFloat));
  exchange.step_places = to(exchange.step, places(exchange.step, exchange.step_inside, 1), Type::kFloat);
}

}  // namespace

std::vector<CellState> add_encoder(Exchange& exchange, const TextSide& source) {
  Graph& g = exchange.encoder;
  const ModelOptions& options = exchange.options;
  Value x = embed(exchange, source);
  const Value lengths = unsqueeze(g, g.input("lengths", Type::kInt64, {kBatch}), 1);
  exchange.tokens_inside = to(g, g.op("Less", {places(g, x, 1), lengths}), Type::kFloat);
  exchange.inside = exchange.tokens_inside;
  exchange.lengths = to(g, lengths, Type::kFloat);
  Values outputs;
  std::vector<CellState> last;
  for (int l = 0; l < options.encoder_layers; ++l) {
    const bool joins = l > 0 && l <= options.encoder_pyramid;
    if (joins) x = join_pairs(exchange, x);
    const DirectionStates made = run_layer(exchange, l, x);
    last.push_back(made.last);
    x = options.encoder_residual && l > 0 && !joins ? add(g, made.all, x) : made.all;
    outputs.push_back(x);
  }
  exchange.states_read = options.attends_to_all_layers() ? concat(g, outputs) : x;
  if (has_attention(options.attention)) hand_over(exchange);
  return last;
}

}  // namespace heed::onnx

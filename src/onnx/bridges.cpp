#include <algorithm>

#include "arithmetic.h"
#include "encoder.h"
#include "line_of.h"

namespace heed::onnx {
namespace {

/// Of a layer of the decoder.
struct Bridge {
  Exchange& exchange;
  std::string name;  // of its arrays
  CellState last;    // of an encoder layer
  bool has_cell = false;

  Value zeros() const {
    return fill(exchange.encoder, exchange.encoder.number(0), exchange.inside, 1, {exchange.options.decoder_hidden});
  }
  Value projected(const Value& x, const char* part) const {
    const std::string of = fmt::format("{}.{}", name, part);
    return linear(exchange.encoder, x, of + ".weight", of + ".bias");
  }
  CellState projected(const Value& of_hidden, const Value& of_cell) const {
    return {tanh(exchange.encoder, projected(of_hidden, "hidden")), has_cell ? projected(of_cell, "cell") : Value()};
  }
  Value trained(const char* part) const {
    Graph& g = exchange.encoder;
    return add(g, g.weight(fmt::format("{}.{}", name, part)), zeros());
  }
};

CellState dense(const Bridge& b) {
  return b.projected(b.last.hidden, b.last.cell.empty() ? b.last.hidden : b.last.cell);
}

CellState linear_of_last(const Bridge& b) {
  const Value& cell = b.last.cell.empty() ? b.last.hidden : b.last.cell;
  return {b.projected(b.last.hidden, "hidden"), b.has_cell ? b.projected(cell, "cell") : Value()};
}

CellState last(const Bridge& b) {
  const Value cell = b.last.cell.empty() ? b.zeros() : b.last.cell;
  return {b.last.hidden, b.has_cell ? cell : Value()};
}

CellState mean_tanh(const Bridge& b) {
  Graph& g = b.exchange.encoder;
  const Value shares = divide(g, b.exchange.inside, b.exchange.lengths);
  const Value mean = weighted_sum(g, shares, b.exchange.states_read);
  return b.projected(mean, mean);
}

CellState zero(const Bridge& b) { return {b.zeros(), b.has_cell ? b.zeros() : Value()}; }

CellState learned(const Bridge& b) { return {b.trained("hidden"), b.has_cell ? b.trained("cell") : Value()}; }

struct BridgeLine {
  const char* name;
  CellState (*start)(const Bridge& bridge);
};

constexpr BridgeLine kBridges[] = {
    {"dense", dense}, {"linear", linear_of_last}, {"last", last}, {"mean-tanh", mean_tanh},
    {"zero", zero},   {"learned", learned},
};

}  // namespace

std::vector<CellState> add_bridges(Exchange& exchange, const std::vector<CellState>& last) {
  const BridgeLine& kind = line_of(kBridges, "bridge", exchange.options.bridge);
  std::vector<CellState> out;
  for (int l = 0; l < exchange.options.decoder_layers; ++l) {
    const std::size_t from = std::min(static_cast<std::size_t>(l), last.size() - 1);
    out.push_back(
        kind.start({exchange, fmt::format("bridge.{}", l), last[from], has_cell(exchange.options.decoder_cell)}));
  }
  return out;
}

}  // namespace heed::onnx

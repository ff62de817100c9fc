#include "attention/look.h"

#include "arithmetic.h"

namespace heed::onnx {

Value Look::remember(const char* called, const Value& of_encoder, std::int64_t width) const {
  return exchange.remember(part(called), of_encoder, Type::kFloat, {kBatch, kMemory, width});
}

Value Look::begin(const char* called, const Value& first, std::int64_t width) const {
  Shape shape = {kBatch, kMemory};
  if (width > 0) shape.emplace_back(width);
  return exchange.begin(part(called), first, shape);
}

Value Look::nowhere() const { return scale(exchange.encoder, exchange.inside, 0); }

Value Look::at_the_first() const {
  Graph& g = exchange.encoder;
  const Value is_first = g.op("Equal", {places(g, exchange.inside, 1), g.whole(0)});
  return multiply(g, exchange.inside, to(g, is_first, Type::kFloat));
}

Value sum_diagonals(const Look& look, const Value& x, std::int64_t n) {
  Graph& g = look.g();
  std::vector<std::int64_t> within;
  for (std::int64_t d = 0; d < n; ++d) within.push_back((n - 1 - d) * n + d);
  const Value row = multiply(g, unsqueeze(g, places(g, look.exchange.step_inside, 1), 1), g.whole(n));
  const Value flat = g.op("Reshape", {x, g.wholes({0, -1})});
  return sum(g, g.op("Gather", {flat, add(g, row, g.wholes(within))}, {{"axis", std::int64_t{1}}}), -1, false);
}

}  // namespace heed::onnx

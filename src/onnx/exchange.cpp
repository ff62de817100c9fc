#include "exchange.h"

#include <algorithm>

#include "heed/base/error.h"

namespace heed::onnx {

Value Exchange::remember(const std::string& name, const Value& of_encoder, Type type, const Shape& shape) {
  encoder.output(name, of_encoder, type, shape);
  memory.push_back({name, type, shape});
  return step.input(name, type, shape);
}

Value Exchange::begin(const std::string& name, const Value& first, const Shape& shape) {
  encoder.output(name, first, Type::kFloat, shape);
  states.push_back({name, Type::kFloat, shape});
  return step.input(name, Type::kFloat, shape);
}

void Exchange::carry(const std::string& name, const Value& next) {
  const auto found =
      std::find_if(states.begin(), states.end(), [&](const Remembered& state) { return state.name == name; });
  if (found == states.end()) throw Error(ErrorKind::kArgument, "no state '" + name + "' was begun");
  step.output(name + kNext, next, Type::kFloat, found->shape);
}

}  // namespace heed::onnx

#include "graph.h"

#include <fmt/format.h>

#include <bit>
#include <protozero/pbf_builder.hpp>

#include "heed/base/error.h"
#include "heed/base/version.h"

namespace heed::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "raw data of ONNX is little-endian");

constexpr std::int64_t kFileFormat = 8;                // IR version of operator sets 15 to 18
constexpr std::size_t kLargestFile = (1U << 31U) - 1;  // of protobuf

// Fields of onnx.proto that are written, with their numbers there.
using Tag = protozero::pbf_tag_type;
enum class Model : Tag { kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOperatorSets = 8 };
enum class OperatorSet : Tag { kVersion = 2 };
enum class GraphField : Tag { kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12 };
enum class Node : Tag { kInput = 1, kOutput = 2, kName = 3, kOperator = 4, kAttribute = 5 };
enum class AttributeField : Tag { kName = 1, kInt = 3, kString = 4, kGraph = 6, kInts = 8, kType = 20 };
enum class AttributeType : std::int32_t { kInt = 2, kString = 3, kGraph = 5, kInts = 7 };
enum class TensorField : Tag { kDims = 1, kType = 2, kName = 8, kRawData = 9 };
enum class ValueInfo : Tag { kName = 1, kType = 2 };
enum class TypeField : Tag { kTensor = 1 };
enum class TensorType : Tag { kElement = 1, kShape = 2 };
enum class ShapeField : Tag { kDim = 1 };
enum class DimField : Tag { kValue = 1, kName = 2 };

template <typename Fields>
using Message = protozero::pbf_builder<Fields>;

std::string value_info(const std::string& name, Type type, const Shape& shape) {
  std::string out;
  Message<ValueInfo> info(out);
  info.add_string(ValueInfo::kName, name);
  Message<TypeField> of_value(info, ValueInfo::kType);
  Message<TensorType> tensor(of_value, TypeField::kTensor);
  tensor.add_int32(TensorType::kElement, static_cast<std::int32_t>(type));
  if (shape.empty()) return out;
  Message<ShapeField> dims(tensor, TensorType::kShape);
  for (const Dimension& each : shape) {
    Message<DimField> dim(dims, ShapeField::kDim);
    if (const auto* size = std::get_if<std::int64_t>(&each)) dim.add_int64(DimField::kValue, *size);
    if (const auto* called = std::get_if<std::string>(&each)) dim.add_string(DimField::kName, *called);
  }
  return out;
}

template <typename Number>
std::string_view bytes_of(const Number* values, std::size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(Number)};
}

}  // namespace

/// Initializers, which belong to the outermost graph, and the numbers of names.
struct Graph::Constants {
  std::map<std::string, const Parameter*, std::less<>> parameters;
  std::map<std::string, std::string> tensors;  // TensorProto by name
  long names = 0;
};

Graph::Graph(const Seq2Seq& model) : constants_(std::make_shared<Constants>()) {
  for (const Parameter* each : model.parameters().all()) constants_->parameters.emplace(each->name, each);
}

Graph::Graph(std::shared_ptr<Constants> constants) : constants_(std::move(constants)) {}

std::string Graph::new_name(std::string_view type) { return fmt::format("{}_{}", type, constants_->names++); }

Value Graph::input(const std::string& name, Type type, const Shape& shape) {
  inputs_.push_back(value_info(name, type, shape));
  return {name};
}

void Graph::output(const std::string& name, const Value& value, Type type, const Shape& shape) {
  add_node("Identity", {value}, {{name}}, {});
  outputs_.push_back(value_info(name, type, shape));
}

Value Graph::constant(const std::string& name, Type type, const std::vector<std::int64_t>& dims,
                      std::string_view bytes) {
  auto [place, is_new] = constants_->tensors.try_emplace(name);
  if (!is_new) return {name};
  Message<TensorField> tensor(place->second);
  for (const std::int64_t dim : dims) tensor.add_int64(TensorField::kDims, dim);
  tensor.add_int32(TensorField::kType, static_cast<std::int32_t>(type));
  tensor.add_string(TensorField::kName, name);
  tensor.add_bytes(TensorField::kRawData, bytes.data(), bytes.size());
  return {name};
}

bool Graph::has_weight(const std::string& name) const { return constants_->parameters.contains(name); }

Value Graph::weight(const std::string& name) {
  const auto found = constants_->parameters.find(name);
  if (found == constants_->parameters.end())
    throw Error(ErrorKind::kArgument, fmt::format("the model has no array '{}'", name));
  const Tensor& value = found->second->value.view();
  if (constants_->tensors.contains(name)) return {name};
  return constant(name, Type::kFloat, {value.rows, value.columns},
                  bytes_of(value.data, static_cast<std::size_t>(value.size())));
}

Value Graph::number(float value) {
  return constant(fmt::format("number_{}", value), Type::kFloat, {}, bytes_of(&value, 1));
}

Value Graph::whole(std::int64_t value) {
  return constant(fmt::format("whole_{}", value), Type::kInt64, {}, bytes_of(&value, 1));
}

Value Graph::wholes(const std::vector<std::int64_t>& values) {
  std::string name = "wholes";
  for (const std::int64_t value : values) name += fmt::format("_{}", value);
  return constant(name, Type::kInt64, {static_cast<std::int64_t>(values.size())},
                  bytes_of(values.data(), values.size()));
}

void Graph::add_node(std::string_view type, const Values& inputs, const Values& outputs, const Attributes& attributes) {
  Message<Node> node(nodes_.emplace_back());
  for (const Value& each : inputs) node.add_string(Node::kInput, each.name);
  for (const Value& each : outputs) node.add_string(Node::kOutput, each.name);
  node.add_string(Node::kName, outputs.front().name);
  node.add_string(Node::kOperator, type.data(), type.size());
  for (const Attribute& each : attributes) {
    Message<AttributeField> attribute(node, Node::kAttribute);
    attribute.add_string(AttributeField::kName, each.name);
    AttributeType kind = AttributeType::kInt;
    if (const auto* number = std::get_if<std::int64_t>(&each.value)) {
      attribute.add_int64(AttributeField::kInt, *number);
    } else if (const auto* text = std::get_if<std::string>(&each.value)) {
      kind = AttributeType::kString;
      attribute.add_bytes(AttributeField::kString, *text);
    } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&each.value)) {
      kind = AttributeType::kInts;
      for (const std::int64_t one : *numbers) attribute.add_int64(AttributeField::kInts, one);
    } else {
      kind = AttributeType::kGraph;
      attribute.add_message(AttributeField::kGraph, std::get<const Graph*>(each.value)->proto("body", false));
    }
    attribute.add_int32(AttributeField::kType, static_cast<std::int32_t>(kind));
  }
}

Value Graph::op(std::string_view type, const Values& inputs, const Attributes& attributes) {
  return ops(type, inputs, 1, attributes).front();
}

Values Graph::ops(std::string_view type, const Values& inputs, int outputs, const Attributes& attributes) {
  Values out;
  for (int i = 0; i < outputs; ++i) out.push_back({new_name(type)});
  add_node(type, inputs, out, attributes);
  return out;
}

Graph::Scanned Graph::scan(const Values& states, const Values& inputs, bool backwards, const Body& body) {
  Graph inner(constants_);
  Values before;
  Values read;
  for (std::size_t i = 0; i < states.size(); ++i) before.push_back(inner.input(new_name("state"), Type::kFloat));
  for (std::size_t i = 0; i < inputs.size(); ++i) read.push_back(inner.input(new_name("input"), Type::kFloat));
  const auto [next, kept] = body(inner, before, read);
  for (const Value& each : next) inner.output(new_name("next"), each, Type::kFloat);
  for (const Value& each : kept) inner.output(new_name("kept"), each, Type::kFloat);
  const auto alike = [](std::size_t count, std::int64_t value) { return std::vector<std::int64_t>(count, value); };
  const std::int64_t order = backwards ? 1 : 0;
  Values all = states;
  all.insert(all.end(), inputs.begin(), inputs.end());
  Values out = ops("Scan", all, static_cast<int>(states.size() + kept.size()),
                   {{"body", &inner},
                    {"num_scan_inputs", static_cast<std::int64_t>(inputs.size())},
                    {"scan_input_axes", alike(inputs.size(), 1)},
                    {"scan_input_directions", alike(inputs.size(), order)},
                    {"scan_output_axes", alike(kept.size(), 1)},
                    {"scan_output_directions", alike(kept.size(), order)}});
  const auto split = out.begin() + static_cast<std::ptrdiff_t>(states.size());
  return {{out.begin(), split}, {split, out.end()}};
}

std::string Graph::proto(const std::string& name, bool with_constants) const {
  std::string out;
  Message<GraphField> graph(out);
  for (const std::string& node : nodes_) graph.add_message(GraphField::kNode, node);
  graph.add_string(GraphField::kName, name);
  if (with_constants) {
    for (const auto& [called, tensor] : constants_->tensors) graph.add_message(GraphField::kInitializer, tensor);
  }
  for (const std::string& input : inputs_) graph.add_message(GraphField::kInput, input);
  for (const std::string& output : outputs_) graph.add_message(GraphField::kOutput, output);
  return out;
}

std::string Graph::model(const std::string& name) const {
  std::size_t size = 0;
  for (const auto& [called, tensor] : constants_->tensors) size += tensor.size();
  for (const std::string& node : nodes_) size += node.size();
  constexpr std::size_t kOther = 1 << 20;
  if (size + kOther > kLargestFile) {
    throw Error(ErrorKind::kModel, fmt::format("the {} has {:.1f} GB, but a file of ONNX can have 2", name,
                                               static_cast<double>(size) / 1e9));
  }
  std::string out;
  Message<Model> model(out);
  model.add_int64(Model::kIrVersion, kFileFormat);
  model.add_string(Model::kProducer, "heed");
  model.add_string(Model::kProducerVersion, kVersion);
  model.add_message(Model::kGraph, proto(name, true));
  Message<OperatorSet> operators(model, Model::kOperatorSets);
  operators.add_int64(OperatorSet::kVersion, kOperatorSet);
  return out;
}

}  // namespace heed::onnx

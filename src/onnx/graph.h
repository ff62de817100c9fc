#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "heed/model/seq2seq.h"

namespace heed::onnx {

/// The last set of operators before reductions read their axes as inputs; pointing needs its ScatterElements that adds.
inline constexpr int kOperatorSet = 16;

/// Element types, by their numbers in TensorProto.DataType.
enum class Type : std::int32_t { kFloat = 1, kInt32 = 6, kInt64 = 7, kBool = 9 };

/// A size, or the name of one that each run chooses.
using Dimension = std::variant<std::int64_t, std::string>;
using Shape = std::vector<Dimension>;

/// A tensor of a graph, by its name; without one there is none.
struct Value {
  std::string name = {};
  bool empty() const { return name.empty(); }
};
using Values = std::vector<Value>;

class Graph;

struct Attribute {
  std::string name;
  std::variant<std::int64_t, std::string, std::vector<std::int64_t>, const Graph*> value;
};
using Attributes = std::vector<Attribute>;

/// A GraphProto in the making: nodes in the order in which they are added, and the model's parameters that they read.
class Graph {
 public:
  /// The model outlives the graph.
  explicit Graph(const Seq2Seq& model);

  Value input(const std::string& name, Type type, const Shape& shape = {});
  void output(const std::string& name, const Value& value, Type type, const Shape& shape = {});

  /// A parameter [rows, columns].
  Value weight(const std::string& name);
  bool has_weight(const std::string& name) const;
  Value number(float value);                              ///< []
  Value whole(std::int64_t value);                        ///< []
  Value wholes(const std::vector<std::int64_t>& values);  ///< [n]

  /// The result of an operator; `outputs` of them for those that have several.
  Value op(std::string_view type, const Values& inputs, const Attributes& attributes = {});
  Values ops(std::string_view type, const Values& inputs, int outputs, const Attributes& attributes = {});

  /// Of a loop over axis 1 of the inputs: from states and a position's inputs the next states, and what is kept of the
  /// position.
  using Body = std::function<std::pair<Values, Values>(Graph& body, const Values& states, const Values& inputs)>;
  struct Scanned {
    Values states;   ///< the last ones
    Values outputs;  ///< of all positions, along axis 1
  };
  /// The body may read all values of this graph.
  Scanned scan(const Values& states, const Values& inputs, bool backwards, const Body& body);

  /// The graph as a ModelProto. Throws Error if it is larger than the 2 GB that one may have.
  std::string model(const std::string& name) const;

 private:
  struct Constants;
  explicit Graph(std::shared_ptr<Constants> constants);
  std::string new_name(std::string_view type);
  Value constant(const std::string& name, Type type, const std::vector<std::int64_t>& dims, std::string_view bytes);
  void add_node(std::string_view type, const Values& inputs, const Values& outputs, const Attributes& attributes);
  std::string proto(const std::string& name, bool with_constants) const;

  std::shared_ptr<Constants> constants_;  // of the outermost graph
  std::vector<std::string> nodes_;
  std::vector<std::string> inputs_;
  std::vector<std::string> outputs_;
};

}  // namespace heed::onnx

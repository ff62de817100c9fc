#include "parameter_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

constexpr const char* kPrecisionKey = "precision";
constexpr const char* kScale = ".scale";
constexpr const char* kSum = ".sum";

std::vector<std::int64_t> block_shape(const Parameter& weight) {
  return {QuantizedWeights::block_count(weight.out()), QuantizedWeights::block_count(weight.in()),
          QuantizedWeights::kBlock * QuantizedWeights::kBlock};
}

template <typename T>
std::span<const T> as(std::span<const char> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

void check_finite(const std::string& path, const std::string& name, const Tensor& value) {
  if (all_finite(value.data, value.size())) return;
  std::int64_t i = 0;
  while (std::isfinite(value.data[i])) ++i;
  throw Error::at({.file = path},
                  fmt::format("array '{}' holds {} at row {}, column {}; every parameter must be finite", name,
                              value.data[i], i / value.columns, i % value.columns),
                  ErrorKind::kModel);
}

class ParameterReader {
 public:
  ParameterReader(const SafetensorsReader& file, const std::string& path) : file_(file), path_(path) {}

  void read_floats(Parameter& parameter) {
    std::vector<std::int64_t> shape = {parameter.rows(), parameter.columns()};
    const auto found = file_.arrays().find(parameter.name);
    if (parameter.rows() == 1 && found != file_.arrays().end() && found->second.shape.size() == 1) {
      shape = {parameter.columns()};
    }
    const std::span<const char> bytes = take(parameter.name, "F32", shape);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0) {
      parameter.value.refer(as<float>(bytes).data());
    } else {
      parameter.value = Buffer(parameter.rows(), parameter.columns());
      std::memcpy(parameter.value.view().data, bytes.data(), bytes.size());
    }
    check_finite(path_, parameter.name, parameter.value.view());
  }

  void read_weight(Parameter& weight) {
    const std::int64_t out = weight.out();
    const QuantizedWeights values{weight.in(), out, as<std::int8_t>(take(weight.name, "I8", block_shape(weight))),
                                  scales(weight.name, out),
                                  as<std::int32_t>(aligned(weight.name + kSum, "I32", {out}))};
    weight.forward.refer(values);
    if (weight.tied) weight.table = QuantizedTable::of(values);
  }

  void read_table(Parameter& table) {
    table.table = {table.columns(), as<std::int8_t>(take(table.name, "I8", {table.rows(), table.columns()})),
                   scales(table.name, table.rows())};
  }

  void check_all_taken() const {
    if (taken_ == file_.arrays().size()) return;
    std::vector<std::string> extra;
    for (const auto& [name, array] : file_.arrays()) {
      if (std::find(names_.begin(), names_.end(), name) == names_.end()) extra.push_back("'" + name + "'");
    }
    throw Error::at({.file = path_},
                    fmt::format("arrays that the configured model does not have: {}", fmt::join(extra, ", ")),
                    ErrorKind::kModel);
  }

 private:
  std::span<const char> take(const std::string& name, const char* type, const std::vector<std::int64_t>& shape) {
    ++taken_;
    names_.push_back(name);
    return file_.bytes(name, type, shape);
  }
  std::span<const char> aligned(const std::string& name, const char* type, const std::vector<std::int64_t>& shape) {
    const std::span<const char> bytes = take(name, type, shape);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) != 0) {
      throw Error::at({.file = path_}, fmt::format("array '{}' is not aligned to {} bytes", name, alignof(float)),
                      ErrorKind::kModel);
    }
    return bytes;
  }
  std::span<const float> scales(const std::string& name, std::int64_t count) {
    const auto values = as<float>(aligned(name + kScale, "F32", {count}));
    check_finite(path_, name + kScale, {const_cast<float*>(values.data()), 1, count});
    return values;
  }

  const SafetensorsReader& file_;
  const std::string& path_;
  std::size_t taken_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

Precision stored_precision(const SafetensorsReader& file, const std::string& path) {
  const auto found = file.metadata().find(kPrecisionKey);
  if (found == file.metadata().end()) return Precision::kFloat32;
  if (found->second == name_of(Precision::kInt8)) return Precision::kInt8;
  throw Error::at({.file = path},
                  fmt::format("unknown precision '{}' of weights; a bundle has float32 or int8", found->second),
                  ErrorKind::kModel);
}

void read_parameters(const SafetensorsReader& file, const std::string& path, Seq2Seq& model) {
  ParameterReader reader(file, path);
  const bool quantized = stored_precision(file, path) == Precision::kInt8;
  for (Parameter* parameter : model.parameters().all()) {
    if (quantized && parameter->is_weight()) {
      reader.read_weight(*parameter);
    } else if (quantized && parameter->role == ParameterRole::kEmbedding) {
      reader.read_table(*parameter);
    } else {
      reader.read_floats(*parameter);
    }
  }
  reader.check_all_taken();
  model.keep(file.file());
}

std::string parameter_file(const ParameterList& parameters, Precision stored) {
  std::list<QuantizedStorage> storage;
  const auto bytes = [](const auto& values) {
    return std::span<const char>(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
  };
  // Blocks first, which are whole pages; then what must be aligned; then what need not be.
  std::vector<SafetensorsArray> blocks;
  std::vector<SafetensorsArray> numbers;
  std::vector<SafetensorsArray> tables;
  for (const Parameter* parameter : parameters.all()) {
    const Tensor& value = parameter->value.view();
    const std::string& name = parameter->name;
    if (stored == Precision::kInt8 && parameter->is_weight()) {
      (parameter->tied ? quantize_transposed : quantize_weights)(value, storage.emplace_back());
      blocks.push_back({name, "I8", block_shape(*parameter), bytes(storage.back().values)});
      numbers.push_back({name + kScale, "F32", {parameter->out()}, bytes(storage.back().scale)});
      numbers.push_back({name + kSum, "I32", {parameter->out()}, bytes(storage.back().sum)});
    } else if (stored == Precision::kInt8 && parameter->role == ParameterRole::kEmbedding) {
      quantize_table(value, storage.emplace_back());
      tables.push_back({name, "I8", {value.rows, value.columns}, bytes(storage.back().values)});
      numbers.push_back({name + kScale, "F32", {value.rows}, bytes(storage.back().scale)});
    } else {
      numbers.push_back(float_array(name, value));
    }
  }
  blocks.insert(blocks.end(), numbers.begin(), numbers.end());
  blocks.insert(blocks.end(), tables.begin(), tables.end());
  std::map<std::string, std::string> metadata = {{"format", "heed"}};
  if (stored != Precision::kFloat32) metadata[kPrecisionKey] = name_of(stored);
  return to_safetensors(blocks, metadata);
}

}  // namespace heed

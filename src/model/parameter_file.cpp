#include "parameter_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <list>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

constexpr const char* kPrecisionKey = "precision";
constexpr const char* kScale = ".scale";
constexpr const char* kSum = ".sum";
constexpr std::int64_t kLine = 64;  // bytes, of which arrays in int8 begin at multiples where their sizes allow it

std::vector<std::int64_t> block_shape(const Parameter& weight) {
  return {QuantizedWeights::block_count(weight.out()), QuantizedWeights::block_count(weight.in()),
          QuantizedWeights::kBlock * QuantizedWeights::kBlock};
}

/// Whether a bundle of that precision has the parameter in bfloat16: vectors, which are small, it has not.
bool rounds(const Parameter& parameter, Precision stored) {
  return stored == Precision::kBfloat16 && parameter.role != ParameterRole::kVector;
}

const char* type_of(const Parameter& parameter, Precision stored) { return rounds(parameter, stored) ? "BF16" : "F32"; }

void from_bfloat16(std::span<const char> bytes, float* out) {
  for (std::size_t i = 0; i < bytes.size() / sizeof(std::uint16_t); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes.data() + i * sizeof half, sizeof half);
    out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
  }
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

  /// Numbers of two bytes become float32 in memory; others stay in the file.
  void read_floats(Parameter& parameter, Precision stored) {
    std::vector<std::int64_t> shape = {parameter.rows(), parameter.columns()};
    const auto found = file_.arrays().find(parameter.name);
    if (parameter.rows() == 1 && found != file_.arrays().end() && found->second.shape.size() == 1) {
      shape = {parameter.columns()};
    }
    const std::span<const char> bytes = take(parameter.name, type_of(parameter, stored), shape);
    if (rounds(parameter, stored)) {
      parameter.value = Buffer(parameter.rows(), parameter.columns());
      from_bfloat16(bytes, parameter.value.view().data);
    } else if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0) {
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
  for (const Precision stored : {Precision::kBfloat16, Precision::kInt8}) {
    if (found->second == name_of(stored)) return stored;
  }
  throw Error::at(
      {.file = path},
      fmt::format("unknown precision '{}' of weights; a bundle has float32, bfloat16 or int8", found->second),
      ErrorKind::kModel);
}

void read_parameters(const SafetensorsReader& file, const std::string& path, Seq2Seq& model) {
  ParameterReader reader(file, path);
  const Precision stored = stored_precision(file, path);
  const bool quantized = stored == Precision::kInt8;
  for (Parameter* parameter : model.parameters().all()) {
    if (quantized && parameter->is_weight()) {
      reader.read_weight(*parameter);
    } else if (quantized && parameter->role == ParameterRole::kEmbedding) {
      reader.read_table(*parameter);
    } else {
      reader.read_floats(*parameter, stored);
    }
  }
  reader.check_all_taken();
  model.keep(file.file());
}

std::string parameter_file(const ParameterList& parameters, Precision stored) {
  std::list<QuantizedStorage> storage;
  std::list<std::vector<std::uint16_t>> halves;
  const auto bytes = [](const auto& values) {
    return std::span<const char>(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
  };
  // First what is a multiple of 64 bytes long, such as blocks; then what must be aligned to 4; then what need not be.
  std::vector<SafetensorsArray> blocks;
  std::vector<SafetensorsArray> numbers;
  std::vector<SafetensorsArray> rest;
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
      (value.size() % kLine == 0 ? blocks : rest)
          .push_back({name, "I8", {value.rows, value.columns}, bytes(storage.back().values)});
      numbers.push_back({name + kScale, "F32", {value.rows}, bytes(storage.back().scale)});
    } else if (rounds(*parameter, stored)) {
      halves.emplace_back(static_cast<std::size_t>(value.size()));
      to_bfloat16(value.data, halves.back().data(), value.size());
      SafetensorsArray& array = rest.emplace_back(float_array(name, value));
      array.type = type_of(*parameter, stored);
      array.bytes = bytes(halves.back());
    } else {
      numbers.push_back(float_array(name, value));
    }
  }
  blocks.insert(blocks.end(), numbers.begin(), numbers.end());
  blocks.insert(blocks.end(), rest.begin(), rest.end());
  std::map<std::string, std::string> metadata = {{"format", "heed"}};
  if (stored != Precision::kFloat32) metadata[kPrecisionKey] = name_of(stored);
  return to_safetensors(blocks, metadata);
}

}  // namespace heed

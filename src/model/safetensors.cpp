#include "heed/model/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/base/json_fault.h"

namespace heed {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kLengthBytes = 8;
// The format's own limit on its header.
constexpr std::uint64_t kMostHeader = 100'000'000;
constexpr std::size_t kAlignment = 64;

std::size_t bytes_of(const std::string& type) {
  if (type == "F32" || type == "I32") return 4;
  if (type == "F64" || type == "I64") return 8;
  if (type == "BF16" || type == "F16") return 2;
  return type == "I8" || type == "U8" ? 1 : 0;
}

}  // namespace

std::int64_t SafetensorsReader::Array::size() const {
  std::int64_t out = 1;
  for (const std::int64_t extent : shape) out *= extent;
  return out;
}

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path)
    : path_(path.string()), file_(std::make_shared<MappedFile>(path)) {
  const std::span<const char> content = file_->bytes();
  if (content.size() < kLengthBytes) throw Error(path_ + ": truncated: no safetensors header");
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), kLengthBytes);
  if (length > kMostHeader || length > content.size() - kLengthBytes) {
    throw Error(fmt::format("{}: truncated or damaged: the header should have {} bytes, the file has {}", path_, length,
                            content.size()));
  }
  const std::string_view header(content.data() + kLengthBytes, length);
  const std::span<const char> data = content.subspan(kLengthBytes + length);
  try {
    parse_header(header, data);
  } catch (const Json::exception& error) {
    throw Error(
        fmt::format("{}: damaged: the header is not what safetensors says ({})", path_, json_fault(error.what())));
  }
}

void SafetensorsReader::parse_header(std::string_view header, std::span<const char> data) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  const Json parsed = Json::parse(header);
  for (const auto& item : parsed.items()) {
    const std::string& name = item.key();
    const Json& entry = item.value();
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.items()) metadata_[key] = value.get<std::string>();
      continue;
    }
    Array array;
    array.type = entry.at("dtype").get<std::string>();
    const std::size_t unit = bytes_of(array.type);
    if (unit == 0) throw Error(fmt::format("{}: array '{}' has the unknown type '{}'", path_, name, array.type));
    std::size_t size = unit;
    for (const Json& extent : entry.at("shape")) {
      if (!extent.is_number_unsigned()) throw Error(fmt::format("{}: array '{}' has no valid shape", path_, name));
      const auto value = extent.get<std::uint64_t>();
      if (value != 0 && size > std::numeric_limits<std::int64_t>::max() / value) {
        throw Error(fmt::format("{}: the shape of array '{}' overflows", path_, name));
      }
      size *= value;
      array.shape.push_back(static_cast<std::int64_t>(value));
    }
    const Json& offsets = entry.at("data_offsets");
    const auto offset = [&](std::size_t i) {
      if (offsets.at(i).is_number_unsigned()) return offsets.at(i).get<std::uint64_t>();
      throw Error(fmt::format("{}: array '{}' has no valid offsets", path_, name));
    };
    const std::uint64_t begin = offset(0);
    const std::uint64_t end = offset(1);
    if (begin > end || end > data.size() || end - begin != size) {
      throw Error(
          fmt::format("{}: truncated or damaged: array '{}' should lie at bytes {} to {} and have {}, the file has {}",
                      path_, name, begin, end, size, data.size()));
    }
    array.bytes = data.subspan(begin, end - begin);
    ranges.emplace_back(begin, end);
    arrays_[name] = std::move(array);
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t filled = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin < filled) throw Error(path_ + ": damaged: arrays overlap");
    if (begin > filled) throw Error(fmt::format("{}: damaged: {} bytes between the arrays", path_, begin - filled));
    filled = end;
  }
  if (filled != data.size()) {
    throw Error(fmt::format("{}: damaged: {} bytes behind the last array", path_, data.size() - filled));
  }
}

const SafetensorsReader::Array& SafetensorsReader::find(const std::string& name, const std::string& type) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw Error(fmt::format("{}: array '{}' is missing", path_, name));
  if (found->second.type != type) {
    throw Error(fmt::format("{}: array '{}' is {}, not {}", path_, name, found->second.type, type));
  }
  return found->second;
}

void SafetensorsReader::read(const std::string& name, const Tensor& into) const {
  const Array& array = find(name, "F32");
  std::vector<std::int64_t> shape = array.shape;
  if (shape.size() == 1) shape.insert(shape.begin(), 1);
  if (shape != std::vector{into.rows, into.columns}) {
    throw Error(fmt::format("{}: array '{}' has the shape [{}], the configuration asks for [{}, {}]", path_, name,
                            fmt::join(array.shape, ", "), into.rows, into.columns));
  }
  std::memcpy(into.data, array.bytes.data(), array.bytes.size());
}

std::span<const char> SafetensorsReader::bytes(const std::string& name, const std::string& type,
                                               const std::vector<std::int64_t>& shape) const {
  const Array& array = find(name, type);
  if (array.shape != shape) {
    throw Error(fmt::format("{}: array '{}' has the shape [{}], the configuration asks for [{}]", path_, name,
                            fmt::join(array.shape, ", "), fmt::join(shape, ", ")));
  }
  return array.bytes;
}

std::vector<float> SafetensorsReader::floats(const std::string& name) const {
  const Array& array = find(name, "F32");
  std::vector<float> out(static_cast<std::size_t>(array.size()));
  std::memcpy(out.data(), array.bytes.data(), array.bytes.size());
  return out;
}

std::vector<std::int64_t> SafetensorsReader::integers(const std::string& name) const {
  const Array& array = find(name, "I64");
  std::vector<std::int64_t> out(static_cast<std::size_t>(array.size()));
  std::memcpy(out.data(), array.bytes.data(), array.bytes.size());
  return out;
}

SafetensorsArray float_array(const std::string& name, const Tensor& values) {
  std::vector<std::int64_t> shape = {values.columns};
  if (values.rows != 1) shape.insert(shape.begin(), values.rows);
  return {name,
          "F32",
          std::move(shape),
          {reinterpret_cast<const char*>(values.data), static_cast<std::size_t>(values.size()) * sizeof(float)}};
}

std::string to_safetensors(const std::vector<SafetensorsArray>& arrays,
                           const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t at = 0;
  for (const SafetensorsArray& array : arrays) {
    header[array.name] = {
        {"dtype", array.type}, {"shape", array.shape}, {"data_offsets", {at, at + array.bytes.size()}}};
    at += array.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes + kAlignment - 1) / kAlignment * kAlignment - kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string out(kLengthBytes, '\0');
  out.reserve(kLengthBytes + text.size() + at);
  std::memcpy(out.data(), &length, kLengthBytes);
  out += text;
  for (const SafetensorsArray& array : arrays) out.append(array.bytes.data(), array.bytes.size());
  return out;
}

std::string to_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays,
                           const std::map<std::string, std::string>& metadata) {
  std::vector<SafetensorsArray> all;
  all.reserve(arrays.size());
  for (const auto& [name, tensor] : arrays) all.push_back(float_array(name, tensor));
  return to_safetensors(all, metadata);
}

}  // namespace heed

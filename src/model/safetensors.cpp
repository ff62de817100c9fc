#include "heed/model/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "safetensors_header.h"

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

Error damaged(const std::string& path, const std::string& what) {
  return Error::at({.file = path}, what, ErrorKind::kModel);
}

/// Where an array lies, if it lies in the data.
SafetensorsReader::Array array_of(const std::string& path, const SafetensorsHeader::Entry& entry,
                                  std::span<const char> data) {
  SafetensorsReader::Array array;
  array.type = entry.type;
  std::size_t size = bytes_of(array.type);
  if (size == 0) throw damaged(path, fmt::format("array '{}' has the unknown type '{}'", entry.name, entry.type));
  for (const std::uint64_t extent : entry.shape) {
    if (extent != 0 && size > std::numeric_limits<std::int64_t>::max() / extent) {
      throw damaged(path, fmt::format("the shape of array '{}' overflows", entry.name));
    }
    size *= extent;
    array.shape.push_back(static_cast<std::int64_t>(extent));
  }
  const std::uint64_t begin = entry.offsets[0];
  const std::uint64_t end = entry.offsets[1];
  if (begin > end || end > data.size() || end - begin != size) {
    throw damaged(
        path, fmt::format("truncated or damaged: array '{}' should lie at bytes {} to {} and have {}, the file has {}",
                          entry.name, begin, end, size, data.size()));
  }
  array.bytes = data.subspan(begin, end - begin);
  return array;
}

}  // namespace

std::int64_t SafetensorsReader::Array::size() const {
  std::int64_t out = 1;
  for (const std::int64_t extent : shape) out *= extent;
  return out;
}

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path)
    : SafetensorsReader(path, std::make_shared<const MappedFile>(path)) {}

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path, std::shared_ptr<const MappedFile> file)
    : path_(path.string()), file_(std::move(file)) {
  const std::span<const char> content = file_->bytes();
  if (content.size() < kLengthBytes) throw damaged(path_, "truncated: no safetensors header");
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), kLengthBytes);
  if (length > kMostHeader || length > content.size() - kLengthBytes) {
    throw damaged(path_, fmt::format("truncated or damaged: the header should have {} bytes, the file has {}", length,
                                     content.size()));
  }
  const std::string_view header(content.data() + kLengthBytes, length);
  SafetensorsHeader said;
  try {
    said = read_safetensors_header(header);
  } catch (const Error& error) {
    throw damaged(path_, fmt::format("damaged: the header is not valid safetensors ({})", error.what()));
  }
  metadata_ = std::move(said.metadata);
  place_arrays(said, content.subspan(kLengthBytes + length));
}

void SafetensorsReader::place_arrays(const SafetensorsHeader& header, std::span<const char> data) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const SafetensorsHeader::Entry& entry : header.entries) {
    if (!arrays_.emplace(entry.name, array_of(path_, entry, data)).second)
      throw damaged(path_, fmt::format("damaged: array '{}' appears twice", entry.name));
    ranges.emplace_back(entry.offsets[0], entry.offsets[1]);
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t filled = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin < filled) throw damaged(path_, "damaged: arrays overlap");
    if (begin > filled) throw damaged(path_, fmt::format("damaged: {} bytes between the arrays", begin - filled));
    filled = end;
  }
  if (filled != data.size()) {
    throw damaged(path_, fmt::format("damaged: {} bytes after the last array", data.size() - filled));
  }
}

const SafetensorsReader::Array& SafetensorsReader::find(const std::string& name, const std::string& type) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw damaged(path_, fmt::format("array '{}' is missing", name));
  if (found->second.type != type) {
    throw damaged(path_, fmt::format("array '{}' is {}, not {}", name, found->second.type, type));
  }
  return found->second;
}

void SafetensorsReader::read(const std::string& name, const Tensor& into) const {
  const Array& array = find(name, "F32");
  std::vector<std::int64_t> shape = array.shape;
  if (shape.size() == 1) shape.insert(shape.begin(), 1);
  if (shape != std::vector{into.rows, into.columns}) {
    throw damaged(path_, fmt::format("array '{}' has the shape [{}], the configuration asks for [{}, {}]", name,
                                     fmt::join(array.shape, ", "), into.rows, into.columns));
  }
  std::memcpy(into.data, array.bytes.data(), array.bytes.size());
}

std::span<const char> SafetensorsReader::bytes(const std::string& name, const std::string& type,
                                               const std::vector<std::int64_t>& shape) const {
  const Array& array = find(name, type);
  if (array.shape != shape) {
    throw damaged(path_, fmt::format("array '{}' has the shape [{}], the configuration asks for [{}]", name,
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

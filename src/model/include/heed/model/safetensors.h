#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/mapped_file.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

struct SafetensorsHeader;

/// Named arrays in the safetensors format: 8 bytes of header length, a JSON header, then the arrays' bytes.
class SafetensorsReader {
 public:
  /// Maps a file and checks its header. Throws Error (path and reason) for a file that is truncated, whose header is
  /// not what the format says, or whose lengths overflow, overlap or do not fill it.
  explicit SafetensorsReader(const std::filesystem::path& path);
  /// The same of content that lies anywhere; `path` is its name in errors.
  SafetensorsReader(const std::filesystem::path& path, std::shared_ptr<const MappedFile> file);

  struct Array {
    std::string type;  ///< "F32", "I64", ...
    std::vector<std::int64_t> shape;
    std::span<const char> bytes;
    std::int64_t size() const;
  };
  bool has(const std::string& name) const { return arrays_.contains(name); }
  const std::map<std::string, Array>& arrays() const { return arrays_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Throws Error if the array is missing or is not float32 of this shape ([columns] and [1, columns] are the same).
  void read(const std::string& name, const Tensor& into) const;
  /// The array's bytes in the mapped file. Throws Error for another type or shape.
  std::span<const char> bytes(const std::string& name, const std::string& type,
                              const std::vector<std::int64_t>& shape) const;
  /// The file of the arrays; keep it while bytes() are used.
  std::shared_ptr<const MappedFile> file() const { return file_; }
  std::vector<float> floats(const std::string& name) const;
  std::vector<std::int64_t> integers(const std::string& name) const;

 private:
  const Array& find(const std::string& name, const std::string& type) const;
  void place_arrays(const SafetensorsHeader& header, std::span<const char> data);

  std::string path_;
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, Array> arrays_;
  std::map<std::string, std::string> metadata_;
};

/// An array to write.
struct SafetensorsArray {
  std::string name;
  std::string type;
  std::vector<std::int64_t> shape;
  std::span<const char> bytes;
};
SafetensorsArray float_array(const std::string& name, const Tensor& values);

/// The bytes of a file, the arrays in the order given.
std::string to_safetensors(const std::vector<SafetensorsArray>& arrays,
                           const std::map<std::string, std::string>& metadata = {});
std::string to_safetensors(const std::vector<std::pair<std::string, Tensor>>& arrays,
                           const std::map<std::string, std::string>& metadata = {});

}  // namespace heed

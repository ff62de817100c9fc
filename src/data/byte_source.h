#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace heed {

/// The bytes of a file, decompressed.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `buffer`; 0 only at the end. Throws Error that names the path.
  virtual std::size_t read(std::span<char> buffer) = 0;
  /// Goes on behind the next `count` bytes, or at the end.
  virtual void skip(std::uint64_t count);
  /// How many bytes there are, where the file tells without being read.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

/// "-" is standard input. Names that end in .gz or .zst are decompressed, and what begins as such files do.
std::unique_ptr<ByteSource> open_bytes(const std::string& path);
/// Throws Error for a file that is not there, or may not be read. Opens nothing: a pipe could be opened only once.
void check_readable(const std::string& path);

}  // namespace heed

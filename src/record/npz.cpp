#include "heed/record/npz.h"

#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <cstring>
#include <limits>

#include "heed/base/error.h"

namespace heed {
namespace {

// APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOf64 = 0x06064b50;
constexpr std::uint32_t kLocatorOf64 = 0x07064b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint16_t kVersion = 45;     // with sizes of 64 bits
constexpr std::uint16_t kFirstDay = 0x21;  // 1 January 1980: the same arrays give the same file
constexpr std::uint16_t kExtraOf64 = 1;
constexpr std::uint32_t kElsewhere32 = 0xffffffff;  // in the fields of 64 bits
constexpr std::uint16_t kElsewhere16 = 0xffff;

/// Numbers of these types, little-endian, one behind the other.
template <typename... Numbers>
void append(std::string& out, Numbers... numbers) {
  static_assert(std::endian::native == std::endian::little);
  (out.append(reinterpret_cast<const char*>(&numbers), sizeof(numbers)), ...);
}

/// An array in the format .npy.
std::string npy(const AttentionWeights& matrix) {
  const std::size_t columns = matrix.empty() ? 0 : matrix.front().size();
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", matrix.size(), columns);
  std::string out = "\x93NUMPY\x01";
  out.push_back('\0');
  constexpr std::size_t kAlignment = 64;
  const std::size_t whole = out.size() + sizeof(std::uint16_t) + header.size() + 1;
  header.append((kAlignment - whole % kAlignment) % kAlignment, ' ');
  header += '\n';
  append(out, static_cast<std::uint16_t>(header.size()));
  out += header;
  for (const auto& row : matrix) {
    if (row.size() != columns) throw Error(ErrorKind::kArgument, "rows of a matrix have different lengths");
    out.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float));
  }
  return out;
}

}  // namespace

std::string NpzWriter::add(const std::string& name, const AttentionWeights& matrix) {
  const std::string content = npy(matrix);
  if (content.size() >= kElsewhere32) throw Error(ErrorKind::kArgument, "a matrix has more than 4 GiB");
  Entry& entry = entries_.emplace_back();
  entry.name = name + ".npy";
  entry.checksum = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
  entry.size = static_cast<std::uint32_t>(content.size());
  entry.offset = written_;
  std::string out;
  constexpr std::uint16_t kNone = 0;  // flags, method, time, length of the extra field
  append(out, kLocalHeader, kVersion, kNone, kNone, kNone, kFirstDay, entry.checksum, entry.size, entry.size,
         static_cast<std::uint16_t>(entry.name.size()), kNone);
  out += entry.name;
  out += content;
  written_ += out.size();
  return out;
}

std::string NpzWriter::finish() const {
  std::string out;
  constexpr std::uint16_t kNone = 0;
  for (const Entry& entry : entries_) {
    const bool far = entry.offset >= kElsewhere32;
    const auto extra = static_cast<std::uint16_t>(far ? 12 : 0);
    append(out, kCentralHeader, kVersion, kVersion, kNone, kNone, kNone, kFirstDay, entry.checksum, entry.size,
           entry.size, static_cast<std::uint16_t>(entry.name.size()), extra);
    append(out, kNone, kNone, kNone, std::uint32_t{0},  // comment, disk, attributes
           far ? kElsewhere32 : static_cast<std::uint32_t>(entry.offset));
    out += entry.name;
    if (far) append(out, kExtraOf64, std::uint16_t{8}, entry.offset);
  }
  const std::uint64_t size = out.size();
  const std::uint64_t end = written_ + size;
  const std::uint64_t count = entries_.size();
  const bool large = count >= kElsewhere16 || end >= kElsewhere32;
  if (large) {
    append(out, kEndOf64, std::uint64_t{44}, kVersion, kVersion, std::uint32_t{0}, std::uint32_t{0}, count, count, size,
           written_);
    append(out, kLocatorOf64, std::uint32_t{0}, end, std::uint32_t{1});
  }
  const auto short_count = large ? kElsewhere16 : static_cast<std::uint16_t>(count);
  append(out, kEnd, kNone, kNone, short_count, short_count, large ? kElsewhere32 : static_cast<std::uint32_t>(size),
         large ? kElsewhere32 : static_cast<std::uint32_t>(written_), kNone);
  return out;
}

}  // namespace heed

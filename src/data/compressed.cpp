#include "heed/data/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "heed/base/error.h"

namespace heed {
namespace {

constexpr int kGzipWindow = 16 + MAX_WBITS;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kMostAtOnce = std::numeric_limits<uInt>::max();

[[noreturn]] void fail_to_compress() { throw Error(ErrorKind::kSystem, "no memory to compress"); }

// No name and no time is in the header, so that the same text gives the same file.
std::string gzip(const std::string& text) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    fail_to_compress();
  std::string out;
  char buffer[1 << 16];
  std::size_t given = 0;
  int result = Z_OK;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  while (result != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min(text.size() - given, kMostAtOnce));
      given += stream.avail_in;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    result = deflate(&stream, given == text.size() ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer, sizeof(buffer) - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size)) fail_to_compress();
  out.resize(size);
  return out;
}

}  // namespace

std::string compressed_for(std::string_view path, std::string text) {
  if (path.ends_with(".gz")) return gzip(text);
  if (path.ends_with(".zst")) return zstandard(text);
  return text;
}

}  // namespace heed

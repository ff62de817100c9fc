#include "byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "heed/base/error.h"

namespace heed {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why, ErrorKind kind = ErrorKind::kData) {
  throw Error(kind, fmt::format("cannot read '{}': {}", path, why), {.file = path});
}

[[noreturn]] void fail_by_system(const std::string& path) {
  fail(path, std::generic_category().message(errno), ErrorKind::kSystem);
}

constexpr std::size_t kSkipped = std::size_t{1} << 18;  // bytes at a time

constexpr const char* kIsDirectory = "it is a directory; a file of lines is expected";

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(const std::string& path) : path_(path == "-" ? "standard input" : path), own_(path != "-") {
    if (own_) file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (file_ < 0 || fstat(file_, &status) != 0) fail_by_system(path_);
    if (S_ISDIR(status.st_mode)) {
      close(file_);
      fail(path_, kIsDirectory);
    }
  }
  ~PlainSource() override {
    if (own_) close(file_);
  }
  PlainSource(const PlainSource&) = delete;
  PlainSource& operator=(const PlainSource&) = delete;

  void skip(std::uint64_t count) override {
    if (!size() || lseek(file_, static_cast<off_t>(count), SEEK_CUR) < 0) ByteSource::skip(count);
  }
  std::optional<std::uint64_t> size() const override {
    struct stat status = {};
    if (fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
  }
  std::size_t read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t count = ::read(file_, buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN) {  // standard input that another program made so
        pollfd one{file_, POLLIN, 0};
        poll(&one, 1, -1);
      } else if (errno != EINTR) {
        fail_by_system(path_);
      }
    }
  }

 private:
  std::string path_;
  bool own_;
  int file_ = STDIN_FILENO;
};

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

/// A file whose first bytes can be looked at before they are read. Neither magic is UTF-8, so that no text is taken for
/// compressed.
class PeekedSource : public ByteSource {
 public:
  explicit PeekedSource(const std::string& path) : bytes_(path) {}

  std::size_t read(std::span<char> buffer) override {
    if (peeked_.empty()) return bytes_.read(buffer);
    const std::size_t count = peeked_.copy(buffer.data(), buffer.size());
    peeked_.erase(0, count);
    return count;
  }
  void skip(std::uint64_t count) override {
    const std::size_t of_peeked = std::min<std::uint64_t>(count, peeked_.size());
    peeked_.erase(0, of_peeked);
    bytes_.skip(count - of_peeked);
  }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  /// Reads no further than it takes to see that they do not begin so: who types a line waits for the answer.
  bool begins_with(std::string_view magic) {
    while (peeked_.size() < magic.size() && magic.starts_with(peeked_)) {
      char more[kZstdMagic.size()];
      const std::size_t count = bytes_.read({more, magic.size() - peeked_.size()});
      if (count == 0) return false;
      peeked_.append(more, count);
    }
    return peeked_.starts_with(magic);
  }

 private:
  PlainSource bytes_;
  std::string peeked_;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(const std::string& path, std::unique_ptr<ByteSource> bytes)
      : path_(path), bytes_(std::move(bytes)), in_(kChunk) {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) fail(path_, "no memory to decompress", ErrorKind::kSystem);
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(std::span<char> buffer) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    while (stream_.avail_out == buffer.size()) {
      if (stream_.avail_in == 0 && !refill()) {
        if (!at_end_) fail(path_, "the gzip file is cut off");
        return 0;
      }
      if (at_end_) inflateReset(&stream_);  // another member follows
      const int result = inflate(&stream_, Z_NO_FLUSH);
      at_end_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        fail(path_,
             fmt::format("damaged, or not a gzip file{}{}", stream_.msg ? ": " : "", stream_.msg ? stream_.msg : ""));
      }
    }
    return buffer.size() - stream_.avail_out;
  }

 private:
  static constexpr std::size_t kChunk = 1 << 16;

  bool refill() {
    stream_.next_in = reinterpret_cast<Bytef*>(in_.data());
    stream_.avail_in = static_cast<uInt>(bytes_->read(in_));
    return stream_.avail_in > 0;
  }
  std::string path_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> in_;
  z_stream stream_ = {};
  bool at_end_ = false;  // behind a whole member
};

class ZstdSource : public ByteSource {
 public:
  ZstdSource(const std::string& path, std::unique_ptr<ByteSource> bytes)
      : path_(path), bytes_(std::move(bytes)), in_(ZSTD_DStreamInSize()) {}

  std::size_t read(std::span<char> buffer) override {
    ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
      // What the decoder still holds comes out without input; new input is needed only if nothing came.
      if (input_.pos == input_.size && !pending_) {
        input_ = {in_.data(), bytes_->read(in_), 0};
        if (input_.size == 0 && !at_end_) fail(path_, "the zstd file is cut off");
        if (input_.size == 0) return 0;
      }
      const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &input_);
      if (ZSTD_isError(result)) {
        fail(path_, std::string("damaged, or not a zstd file: ") + ZSTD_getErrorName(result));
      }
      at_end_ = result == 0;
      pending_ = !at_end_ && out.pos == out.size;
    }
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::string path_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> in_;
  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
  ZSTD_inBuffer input_ = {nullptr, 0, 0};
  bool at_end_ = false;  // behind a whole frame
  bool pending_ = false;
};

}  // namespace

void ByteSource::skip(std::uint64_t count) {
  std::vector<char> buffer(kSkipped);
  while (count > 0) {
    const std::size_t got = read(std::span(buffer).first(std::min<std::uint64_t>(count, buffer.size())));
    if (got == 0) return;
    count -= got;
  }
}

void check_readable(const std::string& path) {
  if (path == "-") return;
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) fail_by_system(path);
  if (S_ISDIR(status.st_mode)) fail(path, kIsDirectory);
  if (access(path.c_str(), R_OK) != 0) fail_by_system(path);
}

std::unique_ptr<ByteSource> open_bytes(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  auto bytes = std::make_unique<PeekedSource>(path);
  if (path.ends_with(".gz") || bytes->begins_with(kGzipMagic))
    return std::make_unique<GzipSource>(name, std::move(bytes));
  if (path.ends_with(".zst") || bytes->begins_with(kZstdMagic))
    return std::make_unique<ZstdSource>(name, std::move(bytes));
  return bytes;
}

}  // namespace heed

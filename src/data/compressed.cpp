#include "heed/data/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include "heed/base/error.h"

namespace heed {
namespace {

constexpr int kGzipWindow = 16 + MAX_WBITS;
constexpr int kMemoryLevel = 8;
// What is compressed at a time: what a stream writes could depend on where its input is cut.
constexpr std::size_t kPiece = std::size_t{1} << 16;

[[noreturn]] void fail_to_compress() { throw Error(ErrorKind::kSystem, "no memory to compress"); }

}  // namespace

class Compressor::Stream {
 public:
  virtual ~Stream() = default;
  /// Appends to `out` what is ready; of the `last` piece all.
  virtual void add(std::string_view piece, bool last, std::string& out) = 0;
};

// No name and no time is in the header, so that the same text gives the same file.
class Compressor::Gzip : public Stream {
 public:
  Gzip() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      fail_to_compress();
  }
  ~Gzip() override { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void add(std::string_view piece, bool last, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    char buffer[kPiece];
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof(buffer);
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer, sizeof(buffer) - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_ = {};
};

class Compressor::Zstandard : public Stream {
 public:
  Zstandard() {
    if (context_ == nullptr) fail_to_compress();
  }

  void add(std::string_view piece, bool last, std::string& out) override {
    ZSTD_inBuffer in = {piece.data(), piece.size(), 0};
    char buffer[kPiece];
    std::size_t left = 0;  // bytes that are held back
    do {
      ZSTD_outBuffer ready = {buffer, sizeof(buffer), 0};
      left = ZSTD_compressStream2(context_.get(), &ready, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) fail_to_compress();
      out.append(buffer, ready.pos);
    } while (last ? left > 0 : in.pos < in.size);
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_{ZSTD_createCCtx()};
};

Compressor::Compressor(std::string_view path) {
  if (path.ends_with(".gz")) stream_ = std::make_unique<Gzip>();
  if (path.ends_with(".zst")) stream_ = std::make_unique<Zstandard>();
}

Compressor::~Compressor() = default;

std::string Compressor::add(std::string_view text) {
  if (!stream_) return std::string(text);
  held_ += text;
  std::string out;
  std::size_t given = 0;
  for (; held_.size() - given > kPiece; given += kPiece)
    stream_->add(std::string_view(held_).substr(given, kPiece), false, out);
  held_.erase(0, given);
  return out;
}

std::string Compressor::finish() {
  std::string out;
  if (stream_) stream_->add(held_, true, out);
  return out;
}

}  // namespace heed

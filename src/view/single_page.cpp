#include "heed/view/single_page.h"

#include <zlib.h>

#include <vector>

#include "heed/base/error.h"
#include "heed/view/markup.h"
#include "heed/view/visible_text.h"
#include "page_data.h"

namespace heed {
namespace {

std::string zipped(std::span<const char> bytes) {
  z_stream stream = {};
  constexpr int kGzip = 16;  // beside the size of the window
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    throw Error(ErrorKind::kSystem, "zlib cannot start");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw Error(ErrorKind::kSystem, "zlib cannot compress");
  return out;
}

void add_base64(std::string_view bytes, std::string& to) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) to += i <= count ? kDigits[group >> (18 - 6 * i) & 63U] : '=';
  }
}

void add_file(const NamedBytes& file, std::string& to) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // what browsers take for a text
  if (file.bytes.size() > kMost) throw Error(file.name + " is too large for a page: more than 1 GB");
  const std::string packed = zipped(file.bytes);
  to +=
      "<script type=\"application/octet-stream\" data-file=\"" + escaped_markup(file.name) + "\" data-packed=\"gzip\">";
  add_base64(packed, to);
  to += "</script>\n";
}

}  // namespace

std::string_view program_mark() { return HEED_PROGRAM_MARK; }

std::string single_page(const std::string& name, std::span<const char> program, std::span<const NamedBytes> files) {
  view::PageParts parts = {.policy = " 'wasm-unsafe-eval'; worker-src blob:", .files = ""};
  add_file({"heed.wasm", program}, parts.files);
  for (const NamedBytes& file : files) add_file(file, parts.files);
  nlohmann::ordered_json data = view::page_basis();
  data["name"] = visible_text(name, true);
  return view::fill_page(view::kSingleFiles, escaped_markup(visible_text(name, true)), data, parts);
}

}  // namespace heed

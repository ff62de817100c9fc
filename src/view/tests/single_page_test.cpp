#include "heed/view/single_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <string>

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// As the script of the page reads it.
std::string unpacked(const std::string& base64) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string packed;
  unsigned bits = 0;
  int count = 0;
  for (const char c : base64) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(digits.find(c));
    if ((count += 6) < 8) continue;
    count -= 8;
    packed += static_cast<char>(bits >> count & 255U);
  }
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string file_of(const std::string& page, const std::string& name) {
  const std::string begin = "data-file=\"" + name + "\" data-packed=\"gzip\">";
  const std::size_t at = page.find(begin);
  if (at == std::string::npos) return "missing";
  return unpacked(page.substr(at + begin.size(), page.find("</script>", at) - at - begin.size()));
}

TEST(SinglePage, HasItsProgramAndTheFilesOfTheBundle) {
  for (std::size_t length = 0; length < 5; ++length) {  // the ends of base64
    std::string bytes(length, '\0');
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<char>(200 + 13 * i);
    const std::array files = {NamedBytes{"config.yaml", bytes}, NamedBytes{"parameters.safetensors", bytes}};
    const std::string page = single_page("en-fr", std::string("\0asm and more", 13), files);
    EXPECT_EQ(file_of(page, "heed.wasm"), std::string("\0asm and more", 13));
    EXPECT_EQ(file_of(page, "config.yaml"), bytes);
    EXPECT_EQ(file_of(page, "parameters.safetensors"), bytes);
  }
}

TEST(SinglePage, AsksNobody) {
  const std::string page = single_page("a<b>&c", std::string("x"), {});
  const std::string head = page.substr(0, page.find("<style"));
  EXPECT_THAT(head, HasSubstr("default-src 'none'"));
  EXPECT_THAT(head, HasSubstr("script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:\""));
  EXPECT_THAT(page, Not(HasSubstr("fetch(")));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_THAT(page, HasSubstr("<title>a&lt;b&gt;&amp;c</title>"));
  EXPECT_THAT(page, HasSubstr("\"name\":\"a\\u003cb\\u003e\\u0026c\""));
}

}  // namespace
}  // namespace heed

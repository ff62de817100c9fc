#include "heed/base/checksums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class ChecksumsTest : public testing::Test {
 protected:
  ChecksumsTest() {
    std::string name = (fs::temp_directory_path() / "heed-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~ChecksumsTest() override { fs::remove_all(root); }
  fs::path root;
};

// By `xxhsum -H2` of Debian's package xxhash.
TEST_F(ChecksumsTest, AreThoseOfTheStandardTool) {
  EXPECT_EQ(checksum(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(checksum("abc"), "06b05ab6733a618578af5f94892f3950");
}

TEST_F(ChecksumsTest, OfAStreamKnowWhereTextsEnd) {
  StreamChecksum one, other;
  EXPECT_EQ(one.value(), checksum(""));
  one.add("ab");
  const std::string then = one.value();
  EXPECT_EQ(one.value(), then);
  one.add("c");
  other.add("a");
  other.add("bc");
  EXPECT_NE(one.value(), other.value());
  EXPECT_NE(one.value(), then);
}

TEST_F(ChecksumsTest, RefuseWhatChanged) {
  write_file_atomically(root / "a", "1");
  EXPECT_TRUE(Checksums::load(root).empty());
  Checksums::load(root).check("a", "anything");
  Checksums sums;
  sums.add("a", "1");
  sums.add("b c", "2");
  sums.save(root);
  const Checksums loaded = Checksums::load(root);
  EXPECT_EQ(loaded.size(), 2U);
  loaded.check("a", "1");
  EXPECT_THAT([&] { loaded.check("a", "2"); }, ThrowsMessage<Error>(HasSubstr("/a: damaged")));
  EXPECT_THAT([&] { loaded.check("c", "2"); },
              ThrowsMessage<Error>(HasSubstr("checksums: damaged: it has no checksum of c")));
  loaded.check_all_but({"b c"});
  EXPECT_THAT([&] { loaded.check_all_but({}); }, ThrowsMessage<Error>(HasSubstr("'b c', which is missing")));
  for (const char* text : {"", "\n", "0123456789abcdef0123456789abcdef  ", "0123456789ABCDEF0123456789abcdef  a\n",
                           "0123456789abcdef0123456789abcdef a\n", "x\n"}) {
    write_file_atomically(root / "checksums", text);
    EXPECT_THAT([&] { Checksums::load(root); }, ThrowsMessage<Error>(HasSubstr("checksums:"))) << text;
  }
}

}  // namespace
}  // namespace heed

#include "heed/base/growing_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class GrowingFiles : public testing::Test {
 protected:
  GrowingFiles() {
    std::string name = (fs::temp_directory_path() / "heed-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~GrowingFiles() override { fs::remove_all(root); }
  fs::path root;
};

TEST_F(GrowingFiles, GoOnWhereTheyAreCut) {
  {
    GrowingFile file(root / "a");
    EXPECT_EQ(file.size(), 0);
    file.write("one\ntwo\nth");
    EXPECT_EQ(file.size(), 10);
  }
  EXPECT_FALSE(fs::exists(root / "a"));
  EXPECT_EQ(read_file(root / "a.part"), "one\ntwo\nth");
  write_file_atomically(root / "a", "old");
  fs::permissions(root / "a", fs::perms(0640));
  GrowingFile file(root / "a");
  EXPECT_EQ(file.size(), 10);
  EXPECT_EQ(file.read_front(8), checksum("one\ntwo\n"));
  file.cut();
  file.write("three\n");
  EXPECT_EQ(file.checksum(), checksum("one\ntwo\nthree\n"));
  file.sync();
  EXPECT_EQ(read_file(root / "a"), "old");
  file.commit();
  EXPECT_EQ(read_file(root / "a"), "one\ntwo\nthree\n");
  EXPECT_EQ(fs::status(root / "a").permissions(), fs::perms(0640));
  EXPECT_FALSE(fs::exists(root / "a.part"));
}

TEST_F(GrowingFiles, HaveOneWriter) {
  GrowingFile file(root / "a");
  EXPECT_THAT([&] { GrowingFile(root / "a"); },
              ThrowsMessage<Error>(HasSubstr("a.part' is being written by another process")));
  file.remove();
  GrowingFile another(root / "a");
  EXPECT_TRUE(fs::exists(root / "a.part"));
}

TEST_F(GrowingFiles, StandBehindLinks) {
  fs::create_directory(root / "there");
  write_file_atomically(root / "there" / "a", "old");
  fs::create_symlink("there/a", root / "link");
  GrowingFile file(root / "link");
  EXPECT_TRUE(fs::exists(root / "there" / "a.part"));
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(root / "there" / "a"), "new");
  EXPECT_TRUE(fs::is_symlink(root / "link"));
}

TEST_F(GrowingFiles, AreRegular) {
  fs::create_directory(root / "folder");
  EXPECT_THAT([&] { GrowingFile(root / "folder"); }, ThrowsMessage<Error>(HasSubstr("folder': it is no regular file")));
  EXPECT_THAT([&] { GrowingFile("/dev/null"); }, ThrowsMessage<Error>(HasSubstr("/dev/null': it is no regular file")));
  mkfifo((root / "a.part").c_str(), 0600);  // whose reader would be waited for
  EXPECT_THAT([&] { GrowingFile(root / "a"); }, ThrowsMessage<Error>(HasSubstr("a.part': it is no regular file")));
  write_file_atomically(root / "mine", "mine");
  fs::create_symlink("mine", root / "b.part");
  EXPECT_THAT([&] { GrowingFile(root / "b"); }, ThrowsMessage<Error>(HasSubstr("b.part': Too many levels")));
  EXPECT_EQ(read_file(root / "mine"), "mine");
}

}  // namespace
}  // namespace heed

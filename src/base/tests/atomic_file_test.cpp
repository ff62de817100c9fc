#include "heed/base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "directory_swap.h"
#include "heed/base/error.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    std::string name = (fs::temp_directory_path() / "heed-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~AtomicFile() override {
    fs::permissions(root, fs::perms::owner_all);
    fs::remove_all(root);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(root)) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }
  fs::path root;
};

TEST_F(AtomicFile, WritesAndReplaces) {
  write_file_atomically(root / "a", "one");
  EXPECT_EQ(read_file(root / "a"), "one");
  fs::permissions(root / "a", fs::perms(0640));
  const std::string large(3000000, 'x');
  write_file_atomically(root / "a", large);
  EXPECT_EQ(read_file(root / "a"), large);
  EXPECT_EQ(fs::status(root / "a").permissions(), fs::perms(0640));
  write_file_atomically(root / "a", "");
  EXPECT_EQ(read_file(root / "a"), "");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(AtomicFile, KeepsTheLink) {
  write_file_atomically(root / "a", "one");
  fs::create_symlink("a", root / "link");
  write_file_atomically(root / "link", "two");
  EXPECT_TRUE(fs::is_symlink(root / "link"));
  EXPECT_EQ(read_file(root / "a"), "two");
}

TEST_F(AtomicFile, LongestNameWorks) {
  const fs::path path = root / std::string(255, 'n');
  write_file_atomically(path, "x");
  EXPECT_EQ(read_file(path), "x");
}

TEST_F(AtomicFile, FullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT([] { write_file_atomically("/dev/full", "x"); },
              ThrowsMessage<Error>(HasSubstr("cannot write '/dev/full': No space left on device")));
  write_file_atomically("/dev/null", "x");
}

TEST_F(AtomicFile, ErrorsNameThePathAndLeaveNothing) {
  EXPECT_THAT([&] { write_file_atomically(root / "no" / "a", "x"); },
              ThrowsMessage<Error>(HasSubstr("no/a': No such file")));
  EXPECT_THAT([&] { write_file_atomically(root, "x"); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { read_file(root / "none"); }, ThrowsMessage<Error>(HasSubstr("none': No such file")));
  EXPECT_THAT([&] { read_file(root); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFile, ReadOnlyDirectoryIsAnError) {
  fs::permissions(root, fs::perms(0555));
  const bool is_root = geteuid() == 0;  // root may write everywhere, so be nobody for a while
  if (is_root && seteuid(65534) != 0) GTEST_SKIP() << "root may write everywhere, and can not step down here";
  EXPECT_THAT([&] { write_file_atomically(root / "a", "x"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { AtomicDirectory(root / "d"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { AtomicDirectory(root / "deep" / "d"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFile, ReadsWhatHasNoSize) { EXPECT_FALSE(read_file("/proc/self/status").empty()); }

TEST_F(AtomicFile, DirectoryIsThereOnlyAfterCommit) {
  {
    AtomicDirectory directory(root / "deep" / "bundle/");
    write_file_atomically(directory.path() / "a", "1");
    fs::create_directory(directory.path() / "inner");
    write_file_atomically(directory.path() / "inner" / "b", "2");
    EXPECT_FALSE(fs::exists(root / "deep" / "bundle"));
    directory.commit();
    EXPECT_THROW(directory.commit(), Error);
  }
  EXPECT_EQ(read_file(root / "deep" / "bundle" / "a"), "1");
  EXPECT_EQ(read_file(root / "deep" / "bundle" / "inner" / "b"), "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "deep"), {}), 1);
}

TEST_F(AtomicFile, DirectoryWithoutCommitIsRemoved) {
  { write_file_atomically(AtomicDirectory(root / "bundle").path() / "a", "1"); }
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFile, DirectoryReplacesTheOldOne) {
  fs::create_directory(root / "bundle");
  write_file_atomically(root / "bundle" / "old", "1");
  AtomicDirectory directory(root / "bundle");
  write_file_atomically(directory.path() / "new", "2");
  directory.commit();
  EXPECT_TRUE(fs::exists(root / "bundle" / "new"));
  EXPECT_FALSE(fs::exists(root / "bundle" / "old"));
  EXPECT_EQ(names(), std::vector<std::string>{"bundle"});
}

TEST_F(AtomicFile, DirectoryWillNotReplaceAFile) {
  write_file_atomically(root / "file", "1");
  EXPECT_THAT([&] { AtomicDirectory(root / "file"); }, ThrowsMessage<Error>(HasSubstr("file': Not a directory")));
  EXPECT_THAT([&] { AtomicDirectory(root / "file" / "below"); }, ThrowsMessage<Error>(HasSubstr("Not a directory")));
  EXPECT_EQ(read_file(root / "file"), "1");
}

TEST_F(AtomicFile, StaleTemporariesAreNotTouchedAndDoNotHinder) {
  const fs::path stale = root / (".heed-tmp-" + std::to_string(getpid()) + "-0");
  fs::create_directory(stale);
  write_file_atomically(root / "a", "1");
  AtomicDirectory(root / "d").commit();
  EXPECT_EQ(read_file(root / "a"), "1");
  EXPECT_TRUE(fs::is_empty(root / "d"));
  EXPECT_TRUE(fs::exists(stale));
}

TEST_F(AtomicFile, SwapWithoutExchange) {
  for (const std::string name : {"fresh", "target"}) {
    fs::create_directory(root / name);
    write_file_atomically(root / name / "a", name);
  }
  EXPECT_EQ(swap_in_directory(root / "fresh", root / "target", false), 0);
  EXPECT_EQ(read_file(root / "target" / "a"), "fresh");
  EXPECT_EQ(read_file(root / "fresh" / "a"), "target");
  fs::remove_all(root / "fresh");
  EXPECT_EQ(swap_in_directory(root / "fresh", root / "target", false), ENOENT);
  EXPECT_EQ(read_file(root / "target" / "a"), "fresh");  // moved back
}

}  // namespace
}  // namespace heed

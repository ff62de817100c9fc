#include "heed/base/regular_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "error_of.h"
#include "heed/base/append.h"
#include "heed/base/atomic_file.h"
#include "heed/base/mapped_file.h"
#include "heed/base/settings.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RegularFile : public testing::Test {
 protected:
  RegularFile() {
    std::string name = (fs::temp_directory_path() / "heed-regular-XXXXXX").string();
    root = mkdtemp(name.data());
    EXPECT_EQ(mkfifo((root / "pipe").c_str(), 0600), 0);
  }
  ~RegularFile() override { fs::remove_all(root); }

  fs::path root;
};

TEST_F(RegularFile, NothingElseIsReadOrWaitedFor) {
  write_file_atomically(root / "a", "text");
  EXPECT_EQ(read_regular_file(root / "a", 4), "text");
  EXPECT_EQ(error_of([&] { read_regular_file(root / "a", 3); }),
            "cannot read '" + (root / "a").string() + "': it has 4 bytes, of 3 at most");
  for (const fs::path& path : {root / "pipe", fs::path("/dev/zero")}) {
    EXPECT_THAT(error_of([&] { read_regular_file(path); }), HasSubstr("it is no regular file"));
    EXPECT_THAT(error_of([&] { MappedFile file(path); }), HasSubstr("it is no regular file"));
  }
  EXPECT_THAT(error_of([&] { read_regular_file(root); }), HasSubstr("Is a directory"));
  EXPECT_THAT(error_of([&] { read_regular_file(root / "none"); }), HasSubstr("No such file"));
}

TEST_F(RegularFile, OfWhatHasNoEndTheFrontIsRead) {
  EXPECT_EQ(read_front("/dev/zero", 5), std::string(5, '\0'));
  write_file_atomically(root / "a", "text");
  EXPECT_EQ(read_front(root / "a", 3), "tex");
  EXPECT_EQ(read_front(root / "a", 5), "text");
  Settings settings;
  EXPECT_THAT(error_of([&] { settings.load_file("/dev/zero"); }), HasSubstr("too long for a configuration"));
}

TEST_F(RegularFile, LogsAreRegularFiles) {
  fs::create_symlink("/dev/full", root / "full");
  fs::create_symlink(root / "nowhere", root / "dangling");
  for (const char* name : {"pipe", "full", "dangling", "."}) {
    EXPECT_THAT(error_of([&] { check_appendable(root / name); }), HasSubstr("it is no regular file")) << name;
    EXPECT_THAT(error_of([&] { append_to_file(root / name, "x"); }), HasSubstr("it is no regular file")) << name;
  }
  EXPECT_FALSE(fs::exists(root / "nowhere"));
  EXPECT_NO_THROW(check_appendable(root / "log"));
  append_to_file(root / "log", "one\n");
  fs::create_symlink("log", root / "link");
  append_to_file(root / "link", "two\n");
  EXPECT_EQ(read_file(root / "log"), "one\ntwo\n");
}

TEST_F(RegularFile, OfAKeptFolderNamedEntriesAreReplaced) {
  const fs::path run = root / "run";
  for (const char* name : {"8", "16", "mine"}) {
    fs::create_directories(run / "kept" / name);
    write_file_atomically(run / "kept" / name / "file", name);
  }
  AtomicDirectory next(run, [](const std::string& name) { return name == "kept/8"; });
  fs::create_directories(next.path() / "kept" / "24");
  write_file_atomically(next.path() / "kept" / "24" / "file", "24");
  next.commit();
  EXPECT_FALSE(fs::exists(run / "kept" / "8"));
  for (const char* name : {"16", "24", "mine"}) EXPECT_EQ(read_file(run / "kept" / name / "file"), name);
}

}  // namespace
}  // namespace heed

#include "heed/base/folder.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "error_of.h"
#include "heed/base/checksums.h"
#include "heed/base/mapped_file.h"

namespace heed {
namespace {

using testing::HasSubstr;

TEST(Folder, OfMemoryIsReadAsADirectoryIs) {
  const auto directory = std::filesystem::path(testing::TempDir()) / ("heed-folder-" + std::to_string(getpid()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "a.txt") << "text";
  std::ofstream(directory / "empty") << "";
  std::string text = "text";
  const Folder in_memory = Folder::of_memory(std::vector<NamedBytes>{{"a.txt", text}, {"empty", {}}});
  text = "gone";  // was copied
  for (const Folder& folder : {Folder(directory), in_memory}) {
    EXPECT_TRUE(folder.has("a.txt"));
    EXPECT_FALSE(folder.has("b.txt"));
    EXPECT_EQ(folder.read("a.txt", 4), "text");
    EXPECT_EQ(folder.read("empty", 0), "");
    const std::shared_ptr<const MappedFile> file = folder.map("a.txt");
    const std::span<const char> bytes = file->bytes();
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "text");
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64, 0U);
    EXPECT_NE(error_of([&] { (void)folder.read("a.txt", 3); }), "");
    EXPECT_THAT(error_of([&] { (void)folder.map("b.txt"); }), HasSubstr("b.txt"));
  }
  std::filesystem::remove_all(directory);
}

TEST(Folder, OfMemoryIsCheckedByItsChecksums) {
  const std::string good = checksum("text") + "  a.txt\n";
  const auto check = [&](const std::string& text) {
    const Folder folder = Folder::of_memory(std::vector<NamedBytes>{{"a.txt", text}, {"checksums", good}}, "archive");
    return error_of([&] { Checksums::load(folder).check_all_but({}); });
  };
  EXPECT_EQ(check("text"), "");
  EXPECT_THAT(check("test"), HasSubstr("archive/a.txt: damaged"));
}

TEST(Folder, RefusesNamesThatNoFileHas) {
  for (const char* name : {"", "a/b"})
    EXPECT_THAT(error_of([&] { Folder::of_memory(std::vector<NamedBytes>{{name, {}}}); }), HasSubstr("no file name"));
  EXPECT_THAT(error_of([] { Folder::of_memory(std::vector<NamedBytes>{{"a", {}}, {"a", {}}}); }), HasSubstr("twice"));
}

}  // namespace
}  // namespace heed

#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace heed {

/// A test with a folder of its own that goes with it.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "heed-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~FolderTest() override { std::filesystem::remove_all(root); }

  std::string write(const std::string& name, std::string_view content) const {
    const std::string path = (root / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::filesystem::path root;
};

}  // namespace heed

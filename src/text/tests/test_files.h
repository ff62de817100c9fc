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

/// The first `limit` lines of a file of ../shared/data; empty where it is missing.
inline std::vector<std::string> shared_lines(const std::string& file, std::size_t limit) {
  std::ifstream in(std::string(HEED_SOURCE_DIR) + "/../shared/data/" + file);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < limit && std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace heed

#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace heed::app {

/// Files whose lines belong together, as translations and their references do. They are read in lock step, so that of
/// texts of any length a block is in memory.
class PartnerLines {
 public:
  /// A file of translations (TranslationReader), or of plain lines.
  void add(const std::string& path, const std::string& format = "text");
  /// A file of columns (ColumnReader).
  void add_columns(const std::string& tsv, const std::vector<int>& columns, std::size_t needed);
  /// Some thousand lines of all files: [column][line], in the order in which files were added; without lines at the
  /// end. Throws Error for the first line that is none, as file:line, and, at the end, if the first file is empty, or
  /// another one has more or fewer lines than it.
  std::vector<std::vector<std::string>> next();

 private:
  using Columns = std::span<std::vector<std::string>>;
  struct File {
    std::string path;
    std::size_t columns = 1;
    std::function<bool(Columns columns)> read;  // adds the texts of the next line, if there is one
    std::size_t lines = 0;                      // read so far
  };

  static bool read_line(File& file, Columns columns);
  bool read_row(Columns columns);
  void check_ends();

  std::vector<File> files_;
  std::size_t columns_ = 0;  // of all
};

}  // namespace heed::app

#pragma once
#include <cstddef>
#include <functional>
#include <optional>
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
  /// Some thousand lines of all files: [column][line], in the order in which files were added; nothing at the end.
  /// Throws Error for the first line that is none, as file:line, if the first file is empty, and where one file ends
  /// and another does not.
  std::optional<std::vector<std::vector<std::string>>> next();

 private:
  using Columns = std::span<std::vector<std::string>>;
  struct File {
    std::string path;
    std::size_t columns = 1;
    std::function<bool(Columns columns)> read;  // adds the texts of the next line, if there is one
  };

  bool read_row(Columns columns);
  void check_end(const File& ended, const File* longer) const;

  std::vector<File> files_;
  std::size_t columns_ = 0;  // of all
  std::size_t rows_ = 0;     // read so far
};

}  // namespace heed::app

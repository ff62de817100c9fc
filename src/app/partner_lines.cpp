#include "partner_lines.h"

#include <memory>
#include <optional>
#include <utility>

#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"
#include "text_lines.h"

namespace heed::app {
namespace {

using Lines = std::vector<std::string>;

// A block ends with the line that brings it to one of these.
constexpr std::size_t kBlockLines = 2048;
constexpr std::size_t kBlockBytes = std::size_t{1} << 22;

}  // namespace

void PartnerLines::add(const std::string& path, const std::string& format) {
  const auto read = [reader = std::make_shared<TranslationReader>(path, format)](Columns columns) {
    std::optional<std::string> text = reader->next();
    if (text) columns.front().push_back(std::move(*text));
    return text.has_value();
  };
  files_.push_back({path, 1, read});
  ++columns_;
}

void PartnerLines::add_columns(const std::string& tsv, const std::vector<int>& columns, std::size_t needed) {
  const auto read = [reader = std::make_shared<ColumnReader>(tsv, columns, needed)](Columns out) {
    const auto texts = reader->next();
    for (std::size_t c = 0; texts && c < out.size(); ++c) out[c].emplace_back((*texts)[c]);
    return texts.has_value();
  };
  files_.push_back({tsv, columns.size(), read});
  columns_ += columns.size();
}

std::vector<Lines> PartnerLines::next() {
  std::vector<Lines> block(columns_);
  std::size_t bytes = 0;
  while (block.front().size() < kBlockLines && bytes < kBlockBytes && read_row(block)) {
    for (const Lines& lines : block) bytes += lines.back().size();
  }
  return block;
}

bool PartnerLines::read_line(File& file, Columns columns) {
  const bool more = file.read(columns);
  file.lines += more ? 1 : 0;
  return more;
}

/// The next line of each file.
bool PartnerLines::read_row(Columns columns) {
  std::size_t read = 0;
  for (File& file : files_) {
    read += read_line(file, columns.first(file.columns)) ? 1 : 0;
    columns = columns.subspan(file.columns);
  }
  if (read == files_.size()) return true;
  check_ends();
  return false;
}

// Where one file ends first, the others are read on, to tell how many lines they have.
void PartnerLines::check_ends() {
  const File& first = files_.front();
  for (File& file : files_) {
    std::vector<Lines> unused(file.columns);
    while (read_line(file, unused)) unused.assign(file.columns, {});
    if (first.lines == 0) throw Error(ErrorKind::kData, shown(first.path) + " is empty", {.file = shown(first.path)});
    check_partners(file.path, file.lines, first.path, first.lines);
  }
}

}  // namespace heed::app

#include "partner_lines.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/message.h"
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

std::optional<std::vector<Lines>> PartnerLines::next() {
  std::vector<Lines> block(columns_);
  std::size_t bytes = 0;
  while (block.front().size() < kBlockLines && bytes < kBlockBytes && read_row(block)) {
    for (const Lines& lines : block) bytes += lines.back().size();
  }
  return block.front().empty() ? std::nullopt : std::optional(std::move(block));
}

/// The next line of each file; false behind their ends.
bool PartnerLines::read_row(Columns columns) {
  const File* ended = nullptr;   // the first that has,
  const File* longer = nullptr;  // and the first that goes on
  for (const File& file : files_) {
    const File*& first = file.read(columns.first(file.columns)) ? longer : ended;
    if (first == nullptr) first = &file;
    columns = columns.subspan(file.columns);
  }
  if (ended != nullptr) check_end(*ended, longer);
  rows_ += ended == nullptr ? 1 : 0;
  return ended == nullptr;
}

// No file is read on to count its lines: what another program writes into a pipe may have no end.
void PartnerLines::check_end(const File& ended, const File* longer) const {
  if (rows_ == 0 && &ended == &files_.front())
    throw Error(ErrorKind::kData, shown(ended.path) + " is empty", {.file = shown(ended.path)});
  if (longer == nullptr) return;
  throw Error(ErrorKind::kData,
              fmt::format("{} has {} but {} has more: line {} of {} has no partner", shown(ended.path),
                          count_of(rows_, "line"), shown(longer->path), rows_ + 1, shown(longer->path)),
              {.file = shown(longer->path), .line = static_cast<long>(rows_) + 1});
}

}  // namespace heed::app

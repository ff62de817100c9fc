#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/corpus.h"
#include "heed/data/lines.h"

namespace HEED_ENGINE_API heed {

/// Two sentences where they stand.
struct PairLine {
  std::string_view source = {};  ///< both valid until the next pair is read
  std::string_view target = {};
  std::vector<std::string_view> features = {};  ///< of each further column; they fit the source (feature_fault())
  long number = 0;                              ///< of the line, from 1
  std::string fault = {};                       ///< why it is no pair ("invalid UTF-8 at byte 3"); empty if it is one
  std::string file = {};                        ///< that has the fault, or was trimmed
  bool trimmed = false;                         ///< a byte-order mark, or the CR of a CRLF end, was removed

  explicit operator SentencePair() const {
    return {std::string(source), std::string(target), {features.begin(), features.end()}};
  }
};

/// Reads the pairs of a corpus one after the other, and checks it as for_each_pair() does.
class PairReader {
 public:
  /// `part`: of the sources, or columns; the targets are their partners.
  explicit PairReader(const CorpusFiles& files, FilePart part = {});
  /// The next pair, or line that is none.
  std::optional<PairLine> next();
  /// The same, but throws Error with file:line for a line that is no pair.
  std::optional<PairLine> next_pair();
  long lines() const { return sources_.lines(); }  ///< read so far
  /// Lines before the part, and all that is read to a checksum, as LineReader's.
  long before() { return sources_.before(); }
  void add_to(StreamChecksum& sum);

 private:
  PairLine split(const Line& line) const;
  void check_end(bool more_sources, bool more_targets);

  CorpusFiles files_;
  FilePart part_;
  LineReader sources_;                   // or lines of columns
  std::unique_ptr<LineReader> targets_;  // of two files
};

/// Reads columns of a file with tabs between them, by their numbers from 1, line by line.
class ColumnReader {
 public:
  /// Each line has the first `needed` of the columns; of the others those that it lacks are empty.
  ColumnReader(const std::string& tsv, std::vector<int> columns, std::size_t needed)
      : tsv_(tsv), columns_(std::move(columns)), needed_(needed), lines_(tsv) {}
  /// Those of the next line, valid until the one after it is read. Throws Error with file:line for a line that lacks
  /// one, and at the end if the file is empty.
  std::optional<std::vector<std::string_view>> next();

 private:
  std::string tsv_;
  std::vector<int> columns_;
  std::size_t needed_;
  LineReader lines_;
};

/// Columns of a line with tabs between them, by their numbers from 1, into `out`. Returns what is wrong ("2 columns,
/// but column 3 is asked for"), or nothing.
std::string split_columns(std::string_view line, const std::vector<int>& columns, std::vector<std::string_view>& out);

}  // namespace heed

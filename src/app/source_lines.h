#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "heed/data/data_options.h"
#include "heed/data/lines.h"
#include "heed/record/source_line.h"

namespace heed::app {

/// How `heed translate` reads its input.
struct SourceFormat {
  std::string name = "text";  ///< text | tsv | jsonl
  FilePart part = {};         ///< which lines are read
  std::vector<int> columns;   ///< of tsv: of the source, then of the features; what is left out: as in the training
};

/// A line of it. Where there is a fault, `source` is what was read.
struct ReadSource {
  std::string source;
  FeatureValues features;   ///< of the model's features
  SentenceRequest request;  ///< of JSON lines
  long number = 0;          ///< of the line, from 1, in the part that is read
  std::string fault;
};

/// Reads what is to be translated by a model that was trained on such data.
class SourceLines {
 public:
  /// Throws UsageError for a format that cannot have what the model reads.
  SourceLines(const std::string& path, const SourceFormat& format, const DataOptions& trained);
  std::optional<ReadSource> next();
  /// The lines themselves, for those that are not asked for.
  LineReader& lines() { return lines_; }

 private:
  void split(std::string_view line, ReadSource& out) const;
  void parse(std::string_view line, ReadSource& out) const;

  enum class Kind { kText, kColumns, kJson };

  LineReader lines_;
  Kind kind_;
  std::vector<int> columns_;
  std::vector<FeatureOptions> features_;
};

}  // namespace heed::app

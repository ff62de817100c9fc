#pragma once
#include <optional>
#include <string>
#include <vector>

#include "heed/data/lines.h"
#include "heed/text/text_side.h"

namespace heed::app {

/// How `heed translate` reads its input.
struct SourceFormat {
  std::string name = "text";  ///< text | tsv | jsonl
  std::vector<int> columns;   ///< of tsv: of the source, then of the features; empty: as the model's training had them
};

/// A line of it. Where there is a fault, `source` is what was read.
struct ReadSource {
  std::string source;
  FeatureValues features;  ///< of the model's features
  long number = 0;
  std::string fault;
};

/// Reads what is to be translated by a model with this source side.
class SourceLines {
 public:
  /// Throws UsageError for a format that cannot have what the model reads. `side` must outlive this.
  SourceLines(const std::string& path, SourceFormat format, const TextSide& side);
  std::optional<ReadSource> next();

 private:
  void split(std::string_view line, ReadSource& out) const;
  void parse(std::string_view line, ReadSource& out) const;
  void check(ReadSource& out) const;

  LineReader lines_;
  SourceFormat format_;
  const TextSide& side_;
  std::vector<FeatureOptions> features_;
};

}  // namespace heed::app

#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/data/corpus.h"
#include "heed/data/data_options.h"
#include "heed/data/lines.h"

namespace heed {
class PairReader;
class StreamChecksum;
}  // namespace heed

namespace heed::app {

class Continuation;

/// Where pairs of sentences stand: in two files, in columns, or in JSON lines.
struct PairFiles {
  CorpusFiles files;
  std::string jsonl;
  FilePart part = {};

  /// --source (`source`: what it names), --target, --tsv, --columns and --jsonl.
  void add(CLI::App& command, const std::string& source = "file of source sentences");
  /// Throws UsageError unless pairs are named in one way.
  void check(const CLI::App& command) const;
  /// All that is read.
  std::vector<std::string> inputs() const { return {files.source, files.target, files.tsv, jsonl}; }
  /// The file of a side, for messages.
  std::string source_name() const;
  std::string target_name() const;
};

/// Reads them one after the other.
class PairLines {
 public:
  /// `trained`: of the model, whose features they need; nullptr: features are not read. Throws UsageError for files
  /// that cannot have them.
  PairLines(const PairFiles& files, const DataOptions* trained);
  ~PairLines();
  /// Throws Error with file:line for a line that is no pair, at the end if the files are empty or of different length.
  std::optional<SentencePair> next();
  /// Lines before the part, and all that is read to a checksum, as LineReader's.
  long before();
  void add_to(StreamChecksum& sum);

 private:
  std::optional<SentencePair> next_of_json();

  std::string jsonl_;
  FilePart part_;
  bool reads_features_;
  std::vector<FeatureOptions> features_;
  std::unique_ptr<PairReader> pairs_;  // or
  std::unique_ptr<LineReader> lines_;  // of JSON
};

/// How pairs are read whose answers take more room than they do.
struct PairBlocks {
  std::size_t pairs = 2048;              ///< that are held together
  long most = 0;                         ///< the first so many alone are read; 0: all
  bool progress = false;                 ///< say how far it is
  Continuation* continuation = nullptr;  ///< which knows of earlier runs
};
/// Hands pairs to `take` in blocks, each with the number of its first line. `trained`: as of PairLines.
void for_each_block(const PairFiles& files, const DataOptions* trained, const PairBlocks& blocks,
                    const std::function<void(std::span<const SentencePair> pairs, long first_line)>& take);

}  // namespace heed::app

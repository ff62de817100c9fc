#pragma once
#include <memory>
#include <string>

#include "heed/data/lines.h"
#include "heed/record/source_line.h"

namespace heed {
class StreamChecksum;
}

namespace heed::app {

/// --prefix and --constraints: files with a line for each sentence.
struct ConstraintPaths {
  std::string prefix;  ///< with which the answer begins; a blank line: nothing
  std::string
      constraints;  ///< phrases with tabs between them: those that must occur, and behind a '!' those that must not
  bool any() const { return !prefix.empty() || !constraints.empty(); }
};

/// Reads them beside the input.
class ConstraintFiles {
 public:
  explicit ConstraintFiles(const ConstraintPaths& paths);
  /// Adds those of the next sentence, of that line of the input. Throws Error if a file has no such line.
  void add_to(SentenceRequest& request, long line);
  /// Those of the next sentences, which are not asked for.
  void skip(long lines);
  /// Adds what is read from now on to a checksum.
  void add_to(StreamChecksum& sum);
  /// To be called at the end. Throws Error if a file goes on.
  void finish();

 private:
  struct File {
    std::string path;
    std::unique_ptr<LineReader> lines;  // nullptr: not asked for
    std::string next(long line);
    void finish();
  };
  static File open(const std::string& path);

  File prefix_;
  File constraints_;
};

}  // namespace heed::app

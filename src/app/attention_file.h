#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "heed/record/npz.h"
#include "output.h"

namespace heed::app {

/// --attention-file: the attention of each answer, beside the answers, as NumPy reads it.
struct AttentionFileOption {
  std::string path;

  void add(CLI::App& command);
  explicit operator bool() const { return !path.empty(); }
};

/// Where there is none to be written, all of this does nothing.
class AttentionFile {
 public:
  /// Throws UsageError if the file is one of `others`, which the command reads or writes.
  AttentionFile(const AttentionFileOption& option, std::vector<std::string> others);
  /// So many lines are before the first one.
  void start_behind(long lines) { lines_ = lines; }
  /// Of the next line.
  void add(const Translated& translated);
  void finish();

 private:
  std::optional<Output> out_;
  NpzWriter arrays_;
  long lines_ = 0;
};

}  // namespace heed::app

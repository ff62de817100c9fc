#pragma once
#include <filesystem>
#include <string>

#include "heed/train/trainer.h"

namespace heed::app {

/// Writes what a training tells into event files and projector files of a folder. A new training begins a new log:
/// event files of Heed that stand there are removed; a resumed one adds a file.
class TensorboardLog {
 public:
  explicit TensorboardLog(std::string directory, std::string config);

  /// Makes the folder and the file. Throws Error if it can not.
  void start(const TrainingStart& start);
  void add(const TrainingProgress& progress);
  void add(const ValidationView& view);

 private:
  void append(const std::string& records) const;
  void write_projector(const ValidationView& view) const;

  std::filesystem::path directory_;
  std::string config_;  // as YAML, for the text page
  std::filesystem::path file_;
  bool failed_ = false;  // the folder is full or gone: told once, then left alone
};

}  // namespace heed::app

#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "heed/train/trainer.h"

namespace heed::app {

/// Writes what a training tells into an event file and projector files of a folder. In the run's own folder a resumed
/// training goes on in the file that is there, so that a TensorBoard that has it open shows what comes. Of a run that
/// is replaced the event files are removed, when it is, but for the last, which is emptied. In another folder each
/// start begins a file, and those that are there, which may be other runs', stay as they are.
class TensorboardLog {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// `own`: the folder is the run's own.
  TensorboardLog(std::string directory, std::string config, bool own, Warn warn);
  ~TensorboardLog();
  TensorboardLog(const TensorboardLog&) = delete;
  TensorboardLog& operator=(const TensorboardLog&) = delete;

  /// Makes the folder and the file. Throws Error if it cannot.
  void start(const TrainingStart& start);
  void add(const TrainingProgress& progress);
  void add(const ValidationView& view);

 private:
  void remove_earlier();
  void append(const std::string& records) const;
  void write_projector(const ValidationView& view) const;

  std::filesystem::path directory_;
  std::string config_;  // as YAML, for the text page
  bool own_;
  Warn warn_;
  std::vector<std::filesystem::path> earlier_;  // of the run that this one replaces
  bool replaces_ = false;                       // which still stands there
  std::filesystem::path file_;
  bool failed_ = false;  // the folder is full or gone: told once, then left alone
};

}  // namespace heed::app

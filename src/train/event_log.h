#pragma once
#include <filesystem>
#include <string>

#include "heed/model/file_names.h"
#include "heed/train/history.h"
#include "heed/train/test_result.h"

namespace heed {

/// OUTPUT/train.jsonl: a JSON line for each event of a training, written when it happens, so that programs can follow
/// it. Lines are only ever appended; each save of the run carries the file over. What a killed training told after its
/// last save stays: a line "started" says from which update on what follows holds. The first line that can not be
/// written is a warning, and the last that is tried.
class EventLog {
 public:
  /// `replaces`: another run stands there, which stays as it is until this one has been saved in its place. `writes`:
  /// false in a process where another one does.
  EventLog(const std::filesystem::path& run, bool replaces, const LogSink& log, bool writes = true)
      : path_(run / kTrainingLog), log_(log), replaces_(replaces), writes_(writes) {}

  /// Makes the run's directory if it is not there. What comes before is written here.
  void start(const HistoryStart& start);
  /// Now and then: 10 seconds must have passed since the last, or the epoch must be at its end.
  void add(const TrainingProgress& progress);
  void add(const ValidationResult& result);
  void saved(long update, bool best);
  void tested(const TestResult& result);
  void warning(std::string_view text);
  /// The end: how is "finished", "stopped" or "failed".
  /// `bytes`: that each of several processes sent in an update, if they did.
  void end(const char* how, long update, std::string_view text, double bytes = 0);

 private:
  struct Line;
  void append(const Line& line);
  void begin(bool anew);
  void write(const std::string& text);

  std::filesystem::path path_;
  const LogSink& log_;
  const bool replaces_;
  const bool writes_;
  bool started_ = false;
  bool failed_ = false;
  std::string held_;       // lines of before the start, or the first save
  double told_at_ = -1e9;  // seconds of training
};

}  // namespace heed

#pragma once
#include <string>

#include "heed/train/trainer.h"

namespace heed::app {

/// What a training says on standard error.
class TrainingTalk {
 public:
  /// `quiet`: warnings alone.
  explicit TrainingTalk(bool quiet);
  /// One line that is written over on a terminal; a line now and then elsewhere.
  void show(const TrainingProgress& progress);
  void line(const std::string& text);
  void warning(const std::string& text);
  /// Its lines at the end: what there was, the model, how to use it.
  void summary(const TrainingReport& report, const std::string& output);

 private:
  void write(const std::string& text);

  bool terminal_;
  bool quiet_;
  bool open_ = false;  // a line of progress
  double shown_at_ = -1e9;
};

/// In one line.
std::string validation_text(const ValidationResult& result);

}  // namespace heed::app

#pragma once
#include <string>

#include "heed/model/config.h"
#include "heed/train/trainer.h"
#include "progress_line.h"

namespace heed::app {

/// What a training says on standard error.
class TrainingTalk {
 public:
  /// `quiet`: warnings alone. `validate_every` is an Interval: where it is not of whole epochs, validations have their
  /// update beside the epoch.
  TrainingTalk(bool quiet, const std::string& validate_every);
  void show(const TrainingProgress& progress);
  void line(const std::string& text);
  void warning(const std::string& text);
  /// Its lines at the end: what there was, the model, how to use it.
  void summary(const TrainingReport& report, const Config& config);
  /// In one line.
  std::string validation_text(const ValidationResult& result) const;

 private:
  ProgressLine lines_;
  bool quiet_;
  bool names_updates_;
};

}  // namespace heed::app

#pragma once
#include <string>
#include <string_view>

#include "heed/train/history.h"

namespace heed {

/// The lines of a run's history (kHistoryFile), in the order in which things happened.
class HistoryWriter {
 public:
  /// Goes on after the lines of an earlier start.
  void go_on(std::string text) { text_ = std::move(text); }
  void add(const HistoryStart& start);
  void add(const HistoryPoint& point);
  void add(const ValidationResult& result, std::span<const ValidationSample> samples);
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace heed

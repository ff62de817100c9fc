#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// How far a training has come.
struct TrainingExtent {
  double epochs = 0;
  double updates = 0;
  double tokens = 0;  ///< of the target, EOS included
  double minutes = 0;
};

/// A part of a training: "1 epoch", "2000 updates", "1e6 tokens", "10 minutes".
struct Interval {
  double count = 0;
  double TrainingExtent::*unit = &TrainingExtent::epochs;

  /// The extent in its unit.
  double of(const TrainingExtent& extent) const { return extent.*unit; }
};
/// Throws UsageError for what is no interval.
Interval parse_interval(std::string_view text);
/// What parse_interval() takes, for messages.
constexpr const char* kIntervals = "N epochs | N updates | N tokens | N minutes";

}  // namespace heed

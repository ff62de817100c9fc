#pragma once
#include <optional>
#include <string>
#include <vector>

#include "heed/data/fingerprint.h"
#include "heed/train/position.h"

namespace heed {

/// What position.json says.
struct SavedPosition {
  TrainingPosition position;
  DataFingerprint data = {};                             ///< empty in the states of version 0.1
  std::optional<std::vector<long>> kept = std::nullopt;  ///< updates of the bundles in checkpoints/; likewise nothing
};

std::string to_json_text(const SavedPosition& saved);
/// Throws Error if the text is no JSON, lacks something, or holds a number that no training has.
SavedPosition position_from_text(const std::string& text);

}  // namespace heed

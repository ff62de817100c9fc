#pragma once
#include <fmt/format.h>

#include <string>

#include "heed/base/error.h"

namespace heed {

/// A key that is set, and why nothing reads it here: "KEY has no effect WHY".
inline void refuse(bool idle, const std::string& key, const std::string& why) {
  if (idle) throw UsageError(fmt::format("{} has no effect {}", key, why), {.key = key});
}

/// A value that cannot be: "KEY: WHAT".
inline void refuse_value(bool wrong, const std::string& key, const std::string& what) {
  if (wrong) throw UsageError(fmt::format("{}: {}", key, what), {.key = key});
}

/// A value that another key rules out, in a whole sentence.
inline void rule_out(bool wrong, const std::string& key, const std::string& sentence) {
  if (wrong) throw UsageError(sentence, {.key = key});
}

}  // namespace heed

#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/config.h"

namespace heed {

/// What is said of a config with these settings; empty if it is right. What is wrong with values together names a key
/// for programs too.
inline std::string fault_of(const std::vector<std::string>& assignments) {
  return error_of<UsageError>([&] {
    Config config;
    Settings settings = config.settings();
    for (const std::string& assignment : assignments) settings.set(assignment);
    try {
      config.check();
      config.check_effect();
    } catch (const UsageError& error) {
      const std::vector<std::string> keys = settings.keys();
      EXPECT_NE(std::find(keys.begin(), keys.end(), error.place().key), keys.end())
          << "the key '" << error.place().key << "' of: " << error.what();
      throw;
    }
  });
}

/// The settings, and one more.
inline std::vector<std::string> with(const std::vector<std::string>& settings, const std::string& setting) {
  std::vector<std::string> out = settings;
  out.push_back(setting);
  return out;
}

inline void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

}  // namespace heed

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/model/config.h"

namespace HEED_ENGINE_API heed {

/// How a config is read, beside its file and what is assigned.
struct ConfigReading {
  bool resumes = false;     ///< a run goes on: what training.start_from gave it then is read from its own config.yaml
  std::string output = {};  ///< in the place of the key output
  LogSink log = {};         ///< is told of keys that go by a name that will be gone
};

/// Config::load() with more to say.
Config read_config(const std::string& path, const std::vector<std::string>& overrides, const ConfigReading& how);
/// The same of a text, which messages call by a name.
Config parse_config(std::string_view yaml, const std::string& name, const std::vector<std::string>& overrides,
                    const ConfigReading& how);

}  // namespace heed

#include "freezing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError("training.freeze: " + text, {.key = "training.freeze"});
}

}  // namespace

void freeze(Seq2Seq& model, const std::vector<std::string>& patterns, const LogSink& log) {
  if (patterns.empty()) return;
  std::vector<std::string> names, frozen;
  for (const Parameter* parameter : model.parameters().all()) names.push_back(parameter->name);
  for (const std::string& pattern : patterns) {
    bool fits = false;
    for (Parameter* parameter : model.parameters().all()) {
      if (fnmatch(pattern.c_str(), parameter->name.c_str(), 0) != 0) continue;
      fits = parameter->frozen = true;
    }
    if (!fits) {
      refuse(fmt::format("no array of the model fits '{}'{}; it has {}", pattern, did_you_mean(pattern, names),
                         fmt::join(names, ", ")));
    }
  }
  long count = 0;
  for (const Parameter* parameter : model.parameters().all()) {
    if (!parameter->frozen) continue;
    frozen.push_back(parameter->name);
    count += parameter->size();
  }
  if (frozen.size() == names.size()) refuse("every array of the model is frozen: nothing is left to train");
  log(LogLevel::kInfo,
      fmt::format("frozen: {} of {} parameters: {}", count, model.parameter_count(), fmt::join(frozen, ", ")));
}

}  // namespace heed

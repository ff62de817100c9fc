#pragma once
#include <cstddef>

#include "heed/base/log.h"
#include "heed/model/config.h"

namespace heed {

/// Tokens of each side's vocabulary, and training pairs.
struct TaskSizes {
  int source;
  int target;
  std::size_t pairs;
};

/// Settles what model.attention.kind, model.tied and with them model.decoder.input_feeding leave to the program. Says
/// which mechanism it is, and whether the output layer is tied.
void choose_model(Config& config, const TaskSizes& sizes, const LogSink& log);

}  // namespace heed

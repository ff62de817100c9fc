#pragma once
#include "heed/base/log.h"
#include "heed/model/bundle.h"

namespace heed {

/// Settles what model.attention.kind, model.tied and model.decoder.input_feeding leave to the program, by the sizes of
/// the vocabularies, and says the first two. With `start`, the options of a model that the training starts from, these
/// are as there. nullptr: there is none.
void choose_model(ModelOptions& options, const TextSide& source, const TextSide& target, const ModelOptions* start,
                  const LogSink& log);

}  // namespace heed

#pragma once
#include <string>
#include <vector>

#include "heed/base/log.h"
#include "heed/model/seq2seq.h"

namespace heed {

/// Marks the parameters whose names fit one of the patterns ('*' stands for any text, '?' for one character) as frozen,
/// and says which. Throws UsageError for a pattern that fits none, and if nothing is left to train.
void freeze(Seq2Seq& model, const std::vector<std::string>& patterns, const LogSink& log);

}  // namespace heed

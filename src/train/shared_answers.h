#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "heed/ranks/ranks.h"
#include "heed/translate/attention_statistics.h"

namespace heed {

/// What a validation keeps of a translation.
struct Answer {
  std::string text;
  bool cut = false;  ///< by the length limit
  AttentionStatistics::Sentence attention = {};
};

/// Rank r of N translates the sentences r, r + N, r + 2 N, ...: whether this one is among them.
bool is_own_sentence(const Ranks* ranks, std::size_t i);
/// Gives all ranks the answers of all, in the order of the sentences; `own`: those of this rank's.
std::vector<Answer> share_answers(Ranks* ranks, std::vector<Answer> own, std::size_t count);

}  // namespace heed

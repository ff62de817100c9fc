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

/// Of `count` sentences each rank translates every so manieth, as there are ranks, from its own number on: whether this
/// one does. All ranks get all answers.
bool is_own_sentence(const Ranks* ranks, std::size_t i);
std::vector<Answer> share_answers(Ranks* ranks, std::vector<Answer> own, std::size_t count);

}  // namespace heed

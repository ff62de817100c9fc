#pragma once
#include <string>
#include <utility>
#include <vector>

#include "heed/text/text_side.h"

namespace heed {

/// Tokens "<unk>", "<s>", "</s>", "3", "4", ... with spaces between them.
inline TextSide numbered_side(int vocabulary) {
  std::vector<std::string> tokens = Vocabulary().tokens();
  for (int id = Vocabulary::kSpecials; id < vocabulary; ++id) tokens.push_back(std::to_string(id));
  return TextSide::of_vocabulary(Vocabulary::from_tokens(std::move(tokens), "numbers"));
}

}  // namespace heed

#pragma once
#include "heed/record/translation.h"

namespace heed::toy {

/// "the black cat" and "le chat noir", sub-words and all.
inline Translated small_record() {
  Translated out;
  out.source = "the black cat";
  out.source_tokens = {"▁the", "▁bl", "ack", "▁cat", "</s>"};
  Translation& to = out.translations.emplace_back();
  to.text = "le chat noir";
  to.tokens = {"▁le", "▁chat", "▁no", "ir", "</s>"};
  to.log_probability = -2;
  to.score = -0.4;
  to.attention = {{0.75f, 0.125f, 0.0625f, 0.0625f, 0},
                  {0, 0.125f, 0.125f, 0.75f, 0},
                  {0, 0.5f, 0.25f, 0.25f, 0},
                  {0, 0.25f, 0.75f, 0, 0},
                  {0, 0, 0, 0.25f, 0.75f}};
  return out;
}

}  // namespace heed::toy

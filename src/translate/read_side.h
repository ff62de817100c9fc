#pragma once
#include <string>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/text/text_side.h"

namespace heed {

/// The tokens of a sentence of a pair. Throws Error if there are more than `max_length` (0: no limit): time and memory
/// grow with the product of a pair's lengths. Of a sentence that must have more, no more than that is cut into tokens.
inline Encoding read_side(const TextSide& side, const std::string& sentence, int max_length) {
  const std::string_view front = TextSide::front(sentence, max_length);
  Encoding encoding = side.encode(front);
  const bool whole = front.size() == sentence.size();
  if (!whole || (max_length > 0 && encoding.ids.size() > static_cast<std::size_t>(max_length))) {
    const std::string size = whole ? fmt::format("{} tokens", encoding.ids.size())
                                   : fmt::format("{} bytes, of which {} are looked at", sentence.size(), front.size());
    throw Error(fmt::format("the sentence has {}, more than the max-length of {}", size, max_length));
  }
  return encoding;
}

}  // namespace heed

#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"
#include "heed/text/tokenizer.h"

namespace HEED_ENGINE_API heed {

/// A sentence, and the pieces of it that the model read.
struct AlignedSide {
  std::string_view sentence;
  std::span<const Piece> pieces;
};

/// The links of words by attention (align_words of heed/base/links.h). `attention` has a row for each target piece and
/// a column for each source piece, and of both one more for the end mark, which is no word.
std::vector<Link> align_words(const AlignedSide& source, const AlignedSide& target,
                              std::span<const std::vector<float>> attention);

}  // namespace heed

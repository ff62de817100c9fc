#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/text/tokenizer.h"

namespace HEED_ENGINE_API heed {

/// Source word i belongs to target word j; words are what stands between spaces, counted from 0.
struct Link {
  int source = 0;
  int target = 0;
  bool operator==(const Link&) const = default;
};

/// A sentence, and the pieces of it that the model read.
struct AlignedSide {
  std::string_view sentence;
  std::span<const Piece> pieces;
};

/// For each target word the source word that it attended to most. `attention` has a row for each target piece and a
/// column for each source piece, and of both one more for the end mark. The attention to a source word is the sum over
/// its pieces, that of a target word the mean over its pieces. The end mark is no word; a target word that looks mostly
/// at the source's end mark has no link. Of equal words the first is taken. Links stand in the order of the target
/// words.
std::vector<Link> align_words(const AlignedSide& source, const AlignedSide& target,
                              std::span<const std::vector<float>> attention);

/// "0-0 2-1": i-j for source word i and target word j.
std::string to_pharaoh(std::span<const Link> links);

}  // namespace heed

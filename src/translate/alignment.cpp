#include "heed/translate/alignment.h"

#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {
namespace {

WordTokens pieces_of_words(const AlignedSide& side) {
  std::vector<ByteRange> ranges;
  for (const Piece& piece : side.pieces) ranges.push_back({piece.begin, piece.end});
  return tokens_of_words(side.sentence, ranges);
}

}  // namespace

std::vector<Link> align_words(const AlignedSide& source, const AlignedSide& target,
                              std::span<const std::vector<float>> attention) {
  if (source.pieces.empty() || target.pieces.empty()) return {};
  if (attention.size() != target.pieces.size() + 1 || attention.front().size() != source.pieces.size() + 1) {
    throw Error(
        fmt::format("attention is [{}, {}], but {} target and {} source tokens (end marks included) are to be aligned",
                    attention.size(), attention.empty() ? 0 : attention.front().size(), target.pieces.size() + 1,
                    source.pieces.size() + 1));
  }
  return align_words(pieces_of_words(source), pieces_of_words(target), attention);
}

}  // namespace heed

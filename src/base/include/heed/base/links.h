#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// Source word i belongs to target word j; words are those of utf8::words, counted from 0.
struct Link {
  int source = 0;
  int target = 0;
  auto operator<=>(const Link&) const = default;
};

/// The links of a Pharaoh line, "0-0 2-1", in its order. Throws Error that names what is no link; the caller adds where
/// the line stands.
std::vector<Link> parse_links(std::string_view line);
/// "0-0 2-1": i-j for source word i and target word j.
std::string to_pharaoh(std::span<const Link> links);

/// Bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

/// For each word the tokens that stand for a part of it.
using WordTokens = std::vector<std::vector<int>>;
/// By where the tokens stand in the text.
WordTokens tokens_of_words(std::string_view text, std::span<const ByteRange> tokens);

/// For each target word the source word that it attended to most. `attention` has a row for each target token and a
/// column for each source token. The attention to a source word is the sum over its tokens, that of a target word the
/// mean over its tokens. A last column that is of no word is EOS; a target word that looks mostly at it has no
/// link. Of equal words the first is taken. Links stand in the order of the target words.
std::vector<Link> align_words(const WordTokens& source, const WordTokens& target,
                              std::span<const std::vector<float>> attention);

/// A sentence, and where each of its tokens stands in it; EOS, which is the last, has no bytes.
struct AlignedSide {
  std::string_view sentence;
  std::span<const ByteRange> tokens;
};
/// The same of sentences. Throws Error if the tokens are not as many as the rows and columns.
std::vector<Link> align_words(const AlignedSide& source, const AlignedSide& target,
                              std::span<const std::vector<float>> attention);

}  // namespace heed

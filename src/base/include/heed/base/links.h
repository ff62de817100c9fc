#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// Source word i is aligned to target word j; words as in utf8::words, counted from 0.
struct Link {
  int source = 0;
  int target = 0;
  auto operator<=>(const Link&) const = default;
};

/// The links of a Pharaoh line, "0-0 2-1", in its order. Throws Error that quotes a malformed link; the caller adds
/// file and line.
std::vector<Link> parse_links(std::string_view line);
/// "0-0 2-1": i-j for source word i and target word j.
std::string to_pharaoh(std::span<const Link> links);

/// Bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

/// For each word its tokens.
using WordTokens = std::vector<std::vector<int>>;
/// From the byte ranges of the tokens in the text.
WordTokens tokens_of_words(std::string_view text, std::span<const ByteRange> tokens);

/// What each word of a target attends to.
struct WordAttention {
  std::vector<std::vector<float>> weights;  ///< [target words][source words]; rows of words without tokens are zero
  std::vector<float> eos;                   ///< [target words]: to EOS, where the last column is no word's
};
/// `attention` has a row for each target token and a column for each source token. The attention to a source word is
/// the sum over its tokens, that of a target word the mean over its tokens. A last column without a word is EOS.
WordAttention attention_of_words(const WordTokens& source, const WordTokens& target,
                                 std::span<const std::vector<float>> attention);

/// For each target word the source word that it attends to most, and at least with `threshold`; a word that attends
/// mostly to EOS has no link. Ties go to the first word. Links are in the order of the target words.
std::vector<Link> align_words(const WordAttention& attention, float threshold = 0);

}  // namespace heed

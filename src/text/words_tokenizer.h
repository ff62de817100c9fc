#pragma once
#include "heed/text/tokenizer.h"
#include "symbols.h"

namespace heed {

/// White space separates words; inside, runs of letters and runs of digits are pieces, and so is every other character.
/// Where no space stood between two pieces, one of them bears the joiner U+FFED on that side (as OpenNMT's Tokenizer
/// does): punctuation before digits before letters, the right one of two equals. "l'eau." becomes  l  ￭'￭  eau  ￭. A
/// U+FFED of the sentence itself is written "&#65517;", which splitting never gives otherwise. A symbol bears no
/// joiner: its neighbours do, and between two symbols a piece of two joiners.
class WordsTokenizer : public Tokenizer {
 public:
  explicit WordsTokenizer(Symbols symbols) : symbols_(std::move(symbols)) {}
  std::vector<Piece> split(std::string_view sentence) const override;
  /// The sentence with its white space as single spaces.
  Joined join_pieces(std::span<const std::string> pieces) const override;

 private:
  Symbols symbols_;
};

}  // namespace heed

#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"

namespace HEED_API heed {

/// A token with the bytes of the sentence that it stands for: sentence[begin, end).
struct Piece {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The text of joined pieces, and each piece's byte range in it; empty for a piece without text.
struct Joined {
  std::string text;
  std::vector<ByteRange> ranges;
};

/// The bytes of each piece.
std::vector<ByteRange> ranges_of(std::span<const Piece> pieces);

/// Splits a sentence into pieces and joins pieces to a sentence. Immutable after construction, safe to share by
/// threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  virtual std::vector<Piece> split(std::string_view sentence) const = 0;
  virtual Joined join_pieces(std::span<const std::string> pieces) const = 0;
  std::string join(std::span<const std::string> pieces) const { return join_pieces(pieces).text; }
};

/// Kinds: "words" (letters, digits and punctuation apart; the joiner U+FFED marks where no space stood, so that join is
/// exact), "characters" (code points, space as U+2581), "spaces" (split at white space), "sentencepiece". Each of the
/// symbols is one piece wherever it stands, the longest where several begin.
std::unique_ptr<Tokenizer> make_tokenizer(const std::string& kind, const std::vector<std::string>& symbols = {});
/// Throws UsageError for what can be no symbol: blanks, marks of tokens, specials, one twice.
void check_symbols(const std::vector<std::string>& symbols);
/// A SentencePiece tokenizer from a serialized model.
std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::string_view model);
std::vector<std::string> tokenizer_kinds();

}  // namespace heed

#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/flat_lists.h"
#include "heed/text/escapes.h"
#include "heed/text/tokenizer.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace heed {

/// SentencePiece (Kudo and Richardson 2018) behind our interface. What it keeps for itself is ordinary text
/// (escapes.h).
class SentencePieceTokenizer : public Tokenizer {
 public:
  /// `model` is a serialized model; throws Error if it is damaged, or normalises text.
  explicit SentencePieceTokenizer(std::string_view model);
  ~SentencePieceTokenizer() override;

  std::vector<Piece> split(std::string_view sentence) const override;
  Joined join_pieces(std::span<const std::string> pieces) const override;
  /// All pieces, in the order of their ids; of a model that train_sentencepiece() made, the first three are our
  /// specials.
  std::vector<std::string> pieces() const;

 private:
  /// Adds the pieces of a part of an escaped sentence that begins at `offset`, with their places in the whole.
  void encode(std::string_view chunk, std::size_t offset, std::vector<Piece>& pieces) const;

  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
};

/// A serialized unigram model (Kudo 2018) with at most `size` pieces; the same sentences give the same model. With
/// `lowercase` they are read in lower case.
/// Text is not normalised, so that what comes out is what was written. Throws UsageError if `size` is less than the
/// number of different characters, Error if there is no text.
std::string train_sentencepiece(const FlatLists<char>& sentences, bool lowercase, int size);

}  // namespace heed

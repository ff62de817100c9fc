#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "character_map.h"
#include "heed/base/flat_lists.h"
#include "heed/text/escapes.h"
#include "heed/text/text_side.h"
#include "heed/text/tokenizer.h"
#include "sentencepiece_model.h"
#include "symbols.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace heed {

/// SentencePiece (Kudo and Richardson 2018) behind our interface. What it keeps for itself is ordinary text
/// (escapes.h).
class SentencePieceTokenizer : public Tokenizer {
 public:
  /// `model` is a serialized model, of Heed or another program; throws Error as check_sentencepiece_model() does.
  explicit SentencePieceTokenizer(std::string_view model, Symbols symbols = Symbols({}));
  ~SentencePieceTokenizer() override;

  std::vector<Piece> split(std::string_view sentence) const override;
  Joined join_pieces(std::span<const std::string> pieces) const override;
  /// The tokens in the order of our ids (PieceTable).
  const std::vector<std::string>& pieces() const { return pieces_.pieces; }

 private:
  /// Adds the pieces of a part of an escaped sentence that begins at `offset`, with their places in the whole.
  void encode(std::string_view chunk, std::size_t offset, std::vector<Piece>& pieces) const;

  /// Where the chunk ends that begins there.
  std::size_t chunk_end(std::string_view text, std::size_t begin) const;

  /// The byte that a piece stands for, if it does.
  std::optional<char> byte_of(std::string_view piece) const;

  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
  Symbols symbols_;  // pieces of the model
  PieceTable pieces_;
  CharacterMap characters_;
};

/// A serialized model (unigram, Kudo 2018, or BPE) of all the sentences with at most options.vocabulary pieces; the
/// same sentences give the same model. It normalises nothing itself, so that what comes out is what was read. Throws
/// UsageError if the size is less than the number of characters that must be pieces, Error if there is no text.
std::string train_sentencepiece(std::span<const FlatLists<char>* const> texts, const TextOptions& options);

}  // namespace heed

#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// A serialized SentencePiece model, which check_sentencepiece_model() let pass, in which each symbol is a piece that
/// the library finds whatever stands around it: of the type USER_DEFINED, behind the others if the model lacks it.
std::string with_symbols(std::string_view model, const std::vector<std::string>& symbols);

/// What the library does not tell of such a model.
struct PieceScores {
  enum class Type { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };
  Type type = Type::kUnigram;
  std::vector<float> scores;  ///< of each piece; of those that no ordinary text becomes (specials, symbols) NaN
};
PieceScores piece_scores(std::string_view model);

}  // namespace heed

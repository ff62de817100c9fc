#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// ModelProto.SentencePiece.Type of sentencepiece_model.proto.
enum class PieceType { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

/// A serialized SentencePiece model, which check_sentencepiece_model() let pass, in which each symbol is a piece that
/// the library finds whatever stands around it: of the type USER_DEFINED, behind the others if the model lacks it.
std::string with_symbols(std::string_view model, const std::vector<std::string>& symbols);

/// The model without the normalization in it (precompiled_charsmap), which the library would read unchecked.
std::string without_charsmap(std::string_view model);

/// What the library does not tell of such a model.
struct PieceTable {
  enum class Type { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };
  Type type = Type::kUnigram;
  /// In the order of our ids: our specials, whatever their ids in the model, and then what text can become in the
  /// model's order. Its control symbols are none of these.
  std::vector<std::string> pieces;
  std::vector<float> scores;  ///< of each piece; of those that no ordinary text becomes (specials, symbols, bytes) NaN
  std::vector<std::string> symbols;  ///< pieces of the type USER_DEFINED
  bool has_bytes = false;            ///< pieces <0x00> to <0xFF>, which spell other characters
  bool adds_space = true;            ///< before the text (add_dummy_prefix)
  bool removes_spaces = true;        ///< around the text, and all but one of several (remove_extra_whitespaces)
  std::string charsmap;              ///< of its normalization; empty: none
};
PieceTable piece_table(std::string_view model);

}  // namespace heed

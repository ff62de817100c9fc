#include "heed/text/tokenizer.h"

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/utf8.h"
#include "heed/text/escapes.h"
#include "sentencepiece_tokenizer.h"
#include "symbols.h"
#include "words_tokenizer.h"

namespace heed {
namespace {

// One piece for each code point, a space as U+2581; a U+2581 of the sentence itself is written twice. A line break can
// not stand in a line, and counts as a space.
class CharactersTokenizer : public Tokenizer {
 public:
  explicit CharactersTokenizer(Symbols symbols) : symbols_(std::move(symbols)) {}
  std::vector<Piece> split(std::string_view sentence) const override {
    std::vector<Piece> pieces;
    pieces.reserve(sentence.size());
    for (std::size_t at = 0; at < sentence.size();) {
      if (const std::size_t length = symbols_.match(sentence, at)) {
        pieces.push_back({std::string(sentence.substr(at, length)), at, at + length});
        at += length;
        continue;
      }
      const std::string_view c = sentence.substr(at, utf8::char_length(sentence, at));
      const bool space = c == " " || c == "\n" || c == "\r";
      std::string text(space ? kSpaceMark : c);
      if (c == kSpaceMark) text += c;
      pieces.push_back({std::move(text), at, at + c.size()});
      at += c.size();
    }
    return pieces;
  }

  Joined join_pieces(std::span<const std::string> pieces) const override {
    Joined out;
    for (const std::string_view piece : pieces) {
      const bool escaped =
          piece.size() == 2 * kSpaceMark.size() && piece.starts_with(kSpaceMark) && piece.ends_with(kSpaceMark);
      const std::size_t begin = out.text.size();
      out.text += piece == kSpaceMark ? " " : escaped ? kSpaceMark : piece;
      out.ranges.push_back({begin, out.text.size()});
    }
    return out;
  }

 private:
  Symbols symbols_;
};

// What stands between white space, as it is, but for words that look like specials. A symbol inside a word cuts it.
class SpacesTokenizer : public Tokenizer {
 public:
  explicit SpacesTokenizer(Symbols symbols) : symbols_(std::move(symbols)) {}
  std::vector<Piece> split(std::string_view sentence) const override {
    std::vector<Piece> pieces;
    bool inside = false;
    for (std::size_t at = 0; at < sentence.size();) {
      if (const std::size_t length = symbols_.match(sentence, at)) {
        pieces.push_back({"", at, at + length});
        at += length;
        inside = false;
        continue;
      }
      const std::string_view c = sentence.substr(at, utf8::char_length(sentence, at));
      const bool space = utf8::is_space(utf8::decode(c));
      if (!space && !inside) pieces.push_back({"", at, at});
      at += c.size();
      if (!space) pieces.back().end = at;
      inside = !space;
    }
    for (Piece& piece : pieces) piece.text = escape_word(sentence.substr(piece.begin, piece.end - piece.begin));
    return pieces;
  }

  Joined join_pieces(std::span<const std::string> pieces) const override {
    Joined out;
    for (const std::string& piece : pieces) {
      if (!out.text.empty()) out.text += ' ';
      const std::size_t begin = out.text.size();
      out.text += unescape_word(piece);
      out.ranges.push_back({begin, out.text.size()});
    }
    return out;
  }

 private:
  Symbols symbols_;
};

template <typename T>
std::unique_ptr<Tokenizer> make(const std::vector<std::string>& symbols) {
  return std::make_unique<T>(Symbols(symbols));
}

struct TokenizerKind {
  std::string_view name;
  std::unique_ptr<Tokenizer> (*make)(const std::vector<std::string>& symbols);  // nullptr: of a trained model alone
};
constexpr TokenizerKind kKinds[] = {{"words", make<WordsTokenizer>},
                                    {"characters", make<CharactersTokenizer>},
                                    {"sentencepiece", nullptr},
                                    {"spaces", make<SpacesTokenizer>}};

}  // namespace

std::vector<ByteRange> ranges_of(std::span<const Piece> pieces) {
  std::vector<ByteRange> out;
  out.reserve(pieces.size());
  for (const Piece& piece : pieces) out.push_back({piece.begin, piece.end});
  return out;
}

std::unique_ptr<Tokenizer> make_tokenizer(const std::string& kind, const std::vector<std::string>& symbols) {
  for (const TokenizerKind& one : kKinds) {
    if (one.name != kind) continue;
    if (one.make == nullptr) throw UsageError("the tokenizer '" + kind + "' needs a trained model");
    return one.make(symbols);
  }
  throw UsageError("unknown tokenizer '" + kind + "'" + did_you_mean(kind, tokenizer_kinds()));
}

std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::string_view model) {
  return std::make_unique<SentencePieceTokenizer>(model);
}

std::vector<std::string> tokenizer_kinds() {
  std::vector<std::string> names;
  for (const TokenizerKind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

}  // namespace heed

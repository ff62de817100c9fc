#include "words_tokenizer.h"

#include "heed/base/utf8.h"
#include "heed/text/escapes.h"

namespace heed {
namespace {

// In the order in which they take the joiner.
enum class Kind { kSymbol, kLetters, kDigits, kOther };

Kind kind_of(char32_t c) {
  return utf8::is_letter_or_mark(c) ? Kind::kLetters : utf8::is_digit(c) ? Kind::kDigits : Kind::kOther;
}

struct Token {
  std::size_t begin;
  std::size_t end;
  Kind kind;
  bool joined;  // no space before it
};

std::vector<Token> cut(std::string_view sentence, const Symbols& symbols) {
  std::vector<Token> tokens;
  bool joined = false;
  for (std::size_t at = 0; at < sentence.size();) {
    if (const std::size_t length = symbols.match(sentence, at)) {
      tokens.push_back({at, at + length, Kind::kSymbol, joined});
      joined = true;
      at += length;
      continue;
    }
    const std::size_t end = at + utf8::char_length(sentence, at);
    const char32_t c = utf8::decode(sentence.substr(at, end - at));
    const Kind kind = kind_of(c);
    if (utf8::is_space(c)) {
      joined = false;
    } else if (joined && tokens.back().kind != Kind::kSymbol &&
               (utf8::is_zero_width(c) || (kind != Kind::kOther && kind == tokens.back().kind))) {
      tokens.back().end = end;
    } else {
      tokens.push_back({at, end, kind, joined});
      joined = true;
    }
    at = end;
  }
  return tokens;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::vector<Piece> WordsTokenizer::split(std::string_view sentence) const {
  const std::vector<Token> tokens = cut(sentence, symbols_);
  std::vector<Piece> pieces;
  pieces.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == Kind::kSymbol) {
      if (token.joined && tokens[i - 1].kind == Kind::kSymbol) {
        pieces.push_back({std::string(kJoiner) + std::string(kJoiner), token.begin, token.begin});
      }
      pieces.push_back({std::string(sentence.substr(token.begin, token.end - token.begin)), token.begin, token.end});
      continue;
    }
    const bool left = token.joined && token.kind >= tokens[i - 1].kind;
    const bool right = i + 1 < tokens.size() && tokens[i + 1].joined && token.kind > tokens[i + 1].kind;
    std::string_view rest = sentence.substr(token.begin, token.end - token.begin);
    std::string text(left ? kJoiner : "");
    if (take_prefix(rest, kJoiner)) text += kEscapedJoiner;
    text += rest;
    if (right) text += kJoiner;
    pieces.push_back({std::move(text), token.begin, token.end});
  }
  return pieces;
}

Joined WordsTokenizer::join_pieces(std::span<const std::string> pieces) const {
  Joined out;
  bool joined = true;
  for (std::string_view piece : pieces) {
    if (!take_prefix(piece, kJoiner) && !joined) out.text += ' ';
    const std::size_t begin = out.text.size();
    joined = take_suffix(piece, kJoiner);
    if (take_prefix(piece, kEscapedJoiner)) out.text += kJoiner;
    out.text += piece;
    out.ranges.push_back({begin, out.text.size()});
  }
  return out;
}

}  // namespace heed

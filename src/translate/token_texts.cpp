#include "token_texts.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "heed/base/replace_all.h"
#include "heed/base/utf8.h"
#include "heed/text/escapes.h"

namespace heed {
namespace {

/// Scripts that are written without spaces.
bool is_unspaced(char32_t c) {
  static constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x0e00, 0x0fff},                                       // Thai, Lao, Tibetan
      {0x1000, 0x109f}, {0x1780, 0x17ff},                     // Myanmar, Khmer
      {0x3005, 0x3007}, {0x3040, 0x312f},  {0x31a0, 0x31ff},  // kana, bopomofo
      {0x3400, 0x4dbf}, {0x4e00, 0x9fff},  {0xf900, 0xfaff},  // Han
      {0xff66, 0xff9f}, {0x20000, 0x3ffff}};
  return std::ranges::any_of(kRanges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

bool is_of_word(char32_t c) { return (utf8::is_letter_or_mark(c) || utf8::is_digit(c)) && !is_unspaced(c); }

/// <0x41>, a byte of a character that SentencePiece has no piece for.
bool read_byte(std::string_view token, std::string& out) {
  unsigned byte = 0;
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return false;
  const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, byte, 16);
  if (error != std::errc() || end != token.data() + 5) return false;
  out.assign(1, static_cast<char>(byte));
  return true;
}

TokenText piece_text(std::string_view token, bool sentencepiece, bool has_bytes) {
  TokenText out;
  if (has_bytes && read_byte(token, out.text)) return out;
  std::string text(token);
  if (text == std::string(kSpaceMark) + std::string(kSpaceMark) && !sentencepiece) {
    out.text = kSpaceMark;  // itself
    return out;
  }
  replace_all(text, kSpaceMark, " ");
  out.text = unescape(text);
  return out;
}

TokenText word_text(std::string_view token, bool joiners) {
  TokenText out{.spaced = true, .joins = false};
  if (joiners && token.starts_with(kJoiner)) {
    out.spaced = false;
    token.remove_prefix(kJoiner.size());
  }
  if (joiners && token.ends_with(kJoiner)) {
    out.joins = true;
    token.remove_suffix(kJoiner.size());
  }
  out.text = unescape_word(token);
  if (joiners) replace_all(out.text, kEscapedJoiner, kJoiner);
  return out;
}

}  // namespace

TokenTexts::TokenTexts(const TextSide& side) {
  const TextOptions& options = side.options();
  has_words_ = !options.cuts_characters();
  has_pieces_ = options.uses_sentencepiece() || options.cuts_characters();
  has_bytes_ = options.uses_sentencepiece() && side.id("<0x41>") != Vocabulary::kUnknown;
  has_joiners_ = options.joins_words();
  begins_with_space_ = options.uses_sentencepiece() && side.encode("a").pieces.front().text.starts_with(kSpaceMark);
  auto continuing = std::make_shared<std::vector<bool>>();
  auto joining = std::make_shared<std::vector<bool>>();
  for (int id = 0; id < side.vocabulary_size(); ++id) {
    const TokenText& text = texts_.emplace_back(read(side.token(id)));
    continuing->push_back(id >= Vocabulary::kSpecials && continues(text));
    joining->push_back(joins_word(text));
    if (continuing->back()) any_continues_ = true;
    // Of `words`, letters are cut from letters nowhere: what is attached to a word is another.
    if (continuing->back() && !text.spaced && !has_joiners_) any_continues_attached_ = true;
    if (id < Vocabulary::kSpecials || text.text.empty()) continue;
    by_byte_[static_cast<unsigned char>(text.text.front())].push_back(id);
  }
  continuing_ = std::move(continuing);
  joining_ = std::move(joining);
}

bool TokenTexts::continues(const TokenText& text) const {
  BoundedText behind_word(has_words_, true);
  if (text.spaced) behind_word.add(" ");
  behind_word.add(text.text);
  return !behind_word.bytes().starts_with(BoundedText::kBoundary);
}

bool TokenTexts::joins_word(const TokenText& text) const {
  BoundedText bounded(has_words_, false);
  bounded.add(text.text);
  return has_joiners_ && text.joins && bounded.after_word();
}

TokenText TokenTexts::read(std::string_view token) const {
  return has_pieces_ ? piece_text(token, has_words_, has_bytes_) : word_text(token, has_joiners_);
}

void BoundedText::add(std::string_view text) {
  const bool whole = !utf8::first_invalid(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = whole ? utf8::char_length(text, at) : 1;
    const std::string_view c = text.substr(at, length);
    const bool of_word = has_words_ && (!whole || is_of_word(utf8::decode(c)));
    if (!(after_word_ && of_word)) bytes_ += kBoundary;
    bytes_ += c;
    after_word_ = of_word;
    at += length;
  }
}

}  // namespace heed

#include "sentences.h"

#include <algorithm>
#include <array>

#include "heed/base/utf8.h"

namespace heed::recipes {
namespace {

bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }
bool is_stop(char32_t c) { return is_one_of(c, U".!?…"); }
bool is_wide_stop(char32_t c) { return is_one_of(c, U"。！？"); }
bool is_danda(char32_t c) { return is_one_of(c, U"।។"); }
bool is_closer(char32_t c) { return is_one_of(c, U"\"')]»”’」』）"); }
bool is_opener(char32_t c) { return is_one_of(c, U"\"'([«“„‘「『（¿¡"); }

bool starts_sentence(std::string_view character) {
  const char32_t c = utf8::decode(character);
  if (is_opener(c) || utf8::is_digit(c)) return true;
  if (!utf8::is_letter_or_mark(c)) return false;
  // A capital, or a letter of a script without capitals.
  return utf8::lowercase(character) != character || c >= 0x0590;
}

/// True if the word that ends here is an abbreviation, or one letter or number ("z. B.", "1. Title").
bool is_abbreviation(std::string_view sentence) {
  static constexpr std::array<std::string_view, 24> kKnown = {
      "e.g.", "i.e.", "etc.", "vs.", "cf.",  "p.ex.", "ex.",  "bzw.", "ca.", "usw.", "inkl.", "evtl.",
      "ggf.", "Nr.",  "No.",  "St.", "z.B.", "d.h.",  "u.a.", "np.",  "tj.", "ej.",  "p.ej.", "resp."};
  const std::size_t space = sentence.rfind(' ');
  std::string_view word = space == std::string_view::npos ? sentence : sentence.substr(space + 1);
  while (!word.empty() && (word.front() == '(' || word.front() == '"')) word.remove_prefix(1);
  if (std::find(kKnown.begin(), kKnown.end(), word) != kKnown.end()) return true;
  if (word.size() < 2 || word.back() != '.') return false;
  word.remove_suffix(1);
  const bool number = std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool whole_sentence_so_far = space == std::string_view::npos;
  return number ? whole_sentence_so_far : utf8::char_length(word, 0) == word.size();
}

/// Offset behind the stop at character `i` and the stops and closing quotes that follow it.
std::size_t behind_stops(const std::vector<std::string_view>& characters, std::size_t i) {
  while (i < characters.size()) {
    const char32_t c = utf8::decode(characters[i]);
    if (!is_stop(c) && !is_wide_stop(c) && !is_danda(c) && !is_closer(c)) break;
    ++i;
  }
  return i;
}

}  // namespace

std::vector<std::string> split_sentences(std::string_view paragraph) {
  const std::vector<std::string_view> characters = utf8::chars(paragraph);
  const auto offset = [&](std::size_t i) { return static_cast<std::size_t>(characters[i].data() - paragraph.data()); };
  std::vector<std::string> sentences;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const char32_t c = utf8::decode(characters[i]);
    if (!is_stop(c) && !is_wide_stop(c) && !is_danda(c)) continue;
    const std::size_t end = behind_stops(characters, i);
    if (end >= characters.size()) break;
    const bool space = characters[end] == " ";
    const std::size_t next = end + (space ? 1 : 0);
    i = end - 1;
    if (next >= characters.size() || (!space && !is_wide_stop(c))) continue;
    const std::string_view sentence = paragraph.substr(begin, offset(end) - begin);
    if (!is_wide_stop(c) && (!starts_sentence(characters[next]) || is_abbreviation(sentence))) continue;
    sentences.emplace_back(sentence);
    begin = offset(next);
  }
  if (begin < paragraph.size()) sentences.emplace_back(paragraph.substr(begin));
  return sentences;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t count_words(std::string_view text) {
  return text.empty() ? 0 : static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
}

}  // namespace heed::recipes

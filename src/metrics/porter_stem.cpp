// Steps and rules have the numbers of Porter, "An algorithm for suffix stripping" (1980); departures are those of
// NLTK's PorterStemmer in its default mode, with which figures have to agree.
#include "porter_stem.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

namespace {

bool is_vowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }

/// For each letter whether it is a consonant: a y is one at the beginning and after a vowel.
std::vector<bool> consonants(std::string_view word) {
  std::vector<bool> out;
  for (std::size_t i = 0; i < word.size(); ++i)
    out.push_back(word[i] == 'y' ? i == 0 || !out[i - 1] : !is_vowel(word[i]));
  return out;
}

/// m of [C](VC){m}[V].
int measure(std::string_view stem) {
  const std::vector<bool> flags = consonants(stem);
  int out = 0;
  for (std::size_t i = 1; i < flags.size(); ++i) out += !flags[i - 1] && flags[i] ? 1 : 0;
  return out;
}

bool is_measured(std::string_view stem) { return measure(stem) > 0; }
bool is_measured_twice(std::string_view stem) { return measure(stem) > 1; }
bool is_measured_before_ion(std::string_view stem) {
  return measure(stem) > 1 && (stem.back() == 's' || stem.back() == 't');
}
bool always(std::string_view) { return true; }

bool has_vowel(std::string_view stem) {
  const std::vector<bool> flags = consonants(stem);
  return std::find(flags.begin(), flags.end(), false) != flags.end();
}

bool ends_with_double_consonant(std::string_view word) {
  const std::size_t size = word.size();
  return size >= 2 && word[size - 1] == word[size - 2] && consonants(word).back();
}

/// *o: consonant, vowel, consonant that is no w, x or y; in NLTK also a word of a vowel and a consonant.
bool ends_cvc(std::string_view word) {
  const std::vector<bool> flags = consonants(word);
  const std::size_t size = word.size();
  if (size == 2) return !flags[0] && flags[1];
  return size >= 3 && flags[size - 3] && !flags[size - 2] && flags[size - 1] &&
         std::string_view("wxy").find(word.back()) == std::string_view::npos;
}

struct Rule {
  std::string_view suffix;
  std::string_view replacement;
  bool (*condition)(std::string_view stem) = always;
};

/// Applies the first rule whose suffix fits, if its condition holds.
std::string apply_first(const std::string& word, std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const std::string stem = word.substr(0, word.size() - rule.suffix.size());
    return rule.condition(stem) ? stem + std::string(rule.replacement) : word;
  }
  return word;
}

std::string cut(const std::string& word, std::size_t letters) { return word.substr(0, word.size() - letters); }

std::string step_1a(const std::string& word) {
  static constexpr Rule kRules[] = {{"sses", "ss"}, {"ies", "i"}, {"ss", "ss"}, {"s", ""}};
  if (word.size() == 4 && word.ends_with("ies")) return cut(word, 1);  // NLTK: dies, ties
  return apply_first(word, kRules);
}

/// What is left of a word without -ed or -ing gets an e again, or loses a doubled consonant.
std::string mended(const std::string& stem) {
  for (const std::string_view ending : {"at", "bl", "iz"}) {
    if (stem.ends_with(ending)) return stem + "e";
  }
  if (ends_with_double_consonant(stem))
    return std::string_view("lsz").find(stem.back()) == std::string_view::npos ? cut(stem, 1) : stem;
  return measure(stem) == 1 && ends_cvc(stem) ? stem + "e" : stem;
}

std::string step_1b(const std::string& word) {
  if (word.ends_with("ied")) return cut(word, word.size() == 4 ? 1 : 2);  // NLTK: died, spied
  if (word.ends_with("eed")) return is_measured(cut(word, 3)) ? cut(word, 1) : word;
  for (const std::string_view suffix : {"ed", "ing"}) {
    if (word.ends_with(suffix) && has_vowel(cut(word, suffix.size()))) return mended(cut(word, suffix.size()));
  }
  return word;
}

/// NLTK: after a consonant, but not where that is the only other letter.
std::string step_1c(const std::string& word) {
  if (!word.ends_with("y")) return word;
  const std::string stem = cut(word, 1);
  return stem.size() > 1 && consonants(stem).back() ? stem + "i" : word;
}

std::string step_2(const std::string& word) {
  static constexpr Rule kRules[] = {
      {"ational", "ate", is_measured}, {"tional", "tion", is_measured}, {"enci", "ence", is_measured},
      {"anci", "ance", is_measured},   {"izer", "ize", is_measured},    {"bli", "ble", is_measured},
      {"alli", "al", is_measured},     {"entli", "ent", is_measured},   {"eli", "e", is_measured},
      {"ousli", "ous", is_measured},   {"ization", "ize", is_measured}, {"ation", "ate", is_measured},
      {"ator", "ate", is_measured},    {"alism", "al", is_measured},    {"iveness", "ive", is_measured},
      {"fulness", "ful", is_measured}, {"ousness", "ous", is_measured}, {"aliti", "al", is_measured},
      {"iviti", "ive", is_measured},   {"biliti", "ble", is_measured},  {"fulli", "ful", is_measured}};
  if (word.ends_with("alli") && is_measured(cut(word, 4))) return step_2(cut(word, 2));
  if (word.ends_with("logi")) return is_measured(cut(word, 3)) ? cut(word, 1) : word;  // NLTK: the l is measured too
  return apply_first(word, kRules);
}

std::string step_3(const std::string& word) {
  static constexpr Rule kRules[] = {{"icate", "ic", is_measured}, {"ative", "", is_measured},
                                    {"alize", "al", is_measured}, {"iciti", "ic", is_measured},
                                    {"ical", "ic", is_measured},  {"ful", "", is_measured},
                                    {"ness", "", is_measured}};
  return apply_first(word, kRules);
}

std::string step_4(const std::string& word) {
  static constexpr Rule kRules[] = {
      {"al", "", is_measured_twice},   {"ance", "", is_measured_twice}, {"ence", "", is_measured_twice},
      {"er", "", is_measured_twice},   {"ic", "", is_measured_twice},   {"able", "", is_measured_twice},
      {"ible", "", is_measured_twice}, {"ant", "", is_measured_twice},  {"ement", "", is_measured_twice},
      {"ment", "", is_measured_twice}, {"ent", "", is_measured_twice},  {"ion", "", is_measured_before_ion},
      {"ou", "", is_measured_twice},   {"ism", "", is_measured_twice},  {"ate", "", is_measured_twice},
      {"iti", "", is_measured_twice},  {"ous", "", is_measured_twice},  {"ive", "", is_measured_twice},
      {"ize", "", is_measured_twice}};
  return apply_first(word, kRules);
}

std::string step_5(std::string word) {
  if (word.ends_with("e")) {
    const std::string stem = cut(word, 1);
    const int m = measure(stem);
    if (m > 1 || (m == 1 && !ends_cvc(stem))) word = stem;
  }
  return word.ends_with("ll") && measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
}

}  // namespace

std::string porter_stem(std::string word) {
  static const std::unordered_map<std::string_view, std::string_view> irregular = {
      {"sky", "sky"},        {"skies", "sky"},       {"dying", "die"},        {"lying", "lie"},
      {"tying", "tie"},      {"news", "news"},       {"innings", "inning"},   {"inning", "inning"},
      {"outings", "outing"}, {"outing", "outing"},   {"cannings", "canning"}, {"canning", "canning"},
      {"howe", "howe"},      {"proceed", "proceed"}, {"exceed", "exceed"},    {"succeed", "succeed"}};
  if (const auto found = irregular.find(word); found != irregular.end()) return std::string(found->second);
  if (word.size() <= 2) return word;
  return step_5(step_4(step_3(step_2(step_1c(step_1b(step_1a(word)))))));
}

}  // namespace heed

#include "output_constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/escapes.h"
#include "text_automata.h"

namespace heed {
namespace {

constexpr std::size_t kMostPhrases = 100;    // each is a candidate more of each hypothesis
constexpr std::size_t kMostOfWord = 10'000;  // bytes, for each of which all tokens that fit are kept

bool has_unknown(const std::vector<int>& ids) { return std::ranges::count(ids, Vocabulary::kUnknown) > 0; }

std::string named(const char* what, const std::string& text, std::string_view fault) {
  return fmt::format("{}: '{}' {}", what, text, fault);
}

/// What is of a text from its beginning on.
void check_direction(const char* what, const TextSide& side) {
  if (!side.options().reversed) return;
  throw Error(ErrorKind::kModel,
              fmt::format("{}: the model writes a text from its end (data.target.reversed); of constraints it keeps to "
                          "a list of allowed answers alone",
                          what));
}

void check_phrase(const char* what, const std::string& text) {
  if (utf8::first_invalid(text)) throw Error(fmt::format("{}: a phrase is not UTF-8", what));
  if (utf8::is_blank(text)) throw Error(fmt::format("{}: a phrase is blank", what));
}

/// The ways of a phrase's end tokens that differ in whether words are joined, as far as the side has them.
void add_joined(const TextSide& side, const std::vector<int>& ids, Phrase& out) {
  const auto variants = [&](int id, bool before) {
    std::vector<int> all = {id};
    if (before ? out.begins_word : out.ends_word) return all;  // what is joined to it is of its word
    const std::string& token = side.token(id);
    const int joined = side.id(before ? std::string(kJoiner) + token : token + std::string(kJoiner));
    if (joined != Vocabulary::kUnknown) all.push_back(joined);
    return all;
  };
  for (const int first : variants(ids.front(), true)) {
    std::vector<int> way = ids;
    way.front() = first;
    for (const int last : variants(way.back(), false)) {
      way.back() = last;
      out.ways.push_back(way);
    }
  }
}

/// That of a phrase that need not begin a word of SentencePiece's: its first piece without the space.
void add_inner(const TextSide& side, std::vector<int> ids, std::vector<std::vector<int>>& out) {
  const std::string& first = side.token(ids.front());
  if (first == kSpaceMark && ids.size() > 1) {
    out.emplace_back(ids.begin() + 1, ids.end());
  } else if (first.starts_with(kSpaceMark)) {
    ids.front() = side.id(std::string_view(first).substr(kSpaceMark.size()));
    if (ids.front() != Vocabulary::kUnknown) out.push_back(std::move(ids));
  }
}

std::shared_ptr<const TokenAutomaton> without(const TextSide& side, std::shared_ptr<const TokenTexts> texts,
                                              std::span<const std::string> phrases) {
  check_direction("forbidden phrases", side);
  std::vector<std::string> written;
  for (const std::string& phrase : phrases) {
    check_phrase("must_not", phrase);
    written.push_back(side.as_written(phrase));
  }
  return std::make_shared<WithoutPhrases>(std::move(texts), written);
}

}  // namespace

std::optional<std::vector<int>> target_ids(const TextSide& side, const std::string& text) {
  std::vector<int> ids = side.encode(text).ids;
  if (has_unknown(ids)) return std::nullopt;
  side.options().turn(ids);
  ids.push_back(Vocabulary::kEnd);
  return ids;
}

AllowedOutputs::AllowedOutputs(const TextSide& target, std::span<const std::string> texts) {
  std::vector<std::vector<int>> all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (std::optional<std::vector<int>> ids = target_ids(target, texts[i])) {
      all.push_back(std::move(*ids));
    } else {
      left_out_.push_back(i);
    }
  }
  if (texts.empty()) throw Error("there is no allowed answer");
  if (all.empty()) throw Error("the model can write none of the allowed answers: it lacks tokens of all of them");
  trie_ = std::make_shared<TokenTrie>(std::move(all));
}

ForbiddenPhrases::ForbiddenPhrases(const TextSide& target, std::span<const std::string> phrases)
    : automaton_(without(target, std::make_shared<TokenTexts>(target), phrases)) {}

std::shared_ptr<const TokenAutomaton> with_words(std::shared_ptr<const TokenAutomaton> phrases,
                                                 const ExtendedVocabulary* extended) {
  if (extended == nullptr) return phrases;
  return std::make_shared<WithoutPhrasesOfWords>(std::move(phrases), *extended);
}

Constraints ConstraintCompiler::compile(const OutputConstraints& asked, const ExtendedVocabulary* extended) const {
  Constraints out;
  if (!asked.prefix.empty()) out.automata.push_back(prefix(asked.prefix, extended));
  if (!asked.allowed.empty()) out.automata.push_back(allowed(asked.allowed, extended));
  if (!asked.must_not.empty())
    out.automata.push_back(with_words(without(side_, texts_.of(side_), asked.must_not), extended));
  if (asked.must.size() > kMostPhrases)
    throw Error(fmt::format("must: {} phrases; {} at most", asked.must.size(), kMostPhrases));
  for (const std::string& text : asked.must) out.must.push_back(phrase(text, extended));
  if (!out.must.empty()) add_boundaries(extended, out);
  return out;
}

std::vector<int> ConstraintCompiler::ids(const std::string& text, const ExtendedVocabulary* extended) const {
  const Encoding encoding = side_.encode(text);
  return extended != nullptr ? extended->ids(encoding) : encoding.ids;
}

std::shared_ptr<const TokenAutomaton> ConstraintCompiler::allowed(std::span<const std::string> texts,
                                                                  const ExtendedVocabulary* extended) const {
  std::vector<std::vector<int>> all;
  for (const std::string& text : texts) {
    std::vector<int> tokens = ids(text, extended);
    side_.options().turn(tokens);
    tokens.push_back(Vocabulary::kEnd);
    if (!has_unknown(tokens)) all.push_back(std::move(tokens));
  }
  if (all.empty()) throw Error("the model can write none of the allowed answers: it lacks tokens of all of them");
  return std::make_shared<TokenTrie>(std::move(all));
}

/// What a phrase may stand beside, of the tokens and of the words that the sentence lends.
void ConstraintCompiler::add_boundaries(const ExtendedVocabulary* extended, Constraints& out) const {
  const std::shared_ptr<const TokenTexts> texts = texts_.of(side_);
  out.continuing = texts->continuing();
  out.joining = texts->joining();
  if (extended == nullptr) return;
  auto continuing = std::make_shared<std::vector<bool>>(*texts->continuing());
  auto joining = std::make_shared<std::vector<bool>>(*texts->joining());
  for (int word = texts->size(); word < extended->size(); ++word) {
    const TokenText text = texts->read(extended->token(word));
    continuing->push_back(texts->continues(text));
    joining->push_back(texts->joins_word(text));
  }
  out.continuing = std::move(continuing);
  out.joining = std::move(joining);
}

std::shared_ptr<const TokenAutomaton> ConstraintCompiler::prefix(const std::string& text,
                                                                 const ExtendedVocabulary* extended) const {
  check_direction("prefix", side_);
  if (utf8::first_invalid(text)) throw Error("prefix: it is not UTF-8");
  const std::size_t blank = text.find_last_of(" \t");
  const std::size_t tail = blank == text.npos ? 0 : blank + 1;
  if (text.size() - tail > kMostOfWord)
    throw Error(fmt::format("prefix: its last word has {} bytes; {} at most", text.size() - tail, kMostOfWord));
  // The blank between is of the next token.
  std::vector<int> before = ids(tail == 0 ? "" : text.substr(0, text.find_last_not_of(" \t", blank) + 1), extended);
  if (has_unknown(before)) throw Error(named("prefix", text, "has a word that the model cannot write"));
  try {
    return std::make_shared<WithPrefix>(texts_.of(side_), extended, std::move(before),
                                        side_.as_written(text.substr(tail)));
  } catch (const Error& error) {
    throw Error(fmt::format("prefix: {}", error.what()));
  }
}

Phrase ConstraintCompiler::phrase(const std::string& text, const ExtendedVocabulary* extended) const {
  check_direction("must", side_);
  check_phrase("must", text);
  const std::vector<int> tokens = ids(text, extended);
  if (has_unknown(tokens)) throw Error(named("must", text, "has a word that the model cannot write"));
  Phrase out;
  const std::string written = side_.as_written(text);
  BoundedText behind_word(texts_.of(side_)->has_words(), true);
  behind_word.add(written);
  out.ends_word = behind_word.after_word();
  out.begins_word = !behind_word.bytes().starts_with(BoundedText::kBoundary);
  if (side_.options().joins_words() && extended == nullptr) {
    add_joined(side_, tokens, out);
  } else {
    out.ways.push_back(tokens);
  }
  if (side_.options().uses_sentencepiece() && !out.begins_word) add_inner(side_, tokens, out.ways);
  return out;
}

}  // namespace heed

#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heed/search/constraints.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/constraints.h"
#include "token_texts.h"

namespace heed {

/// From what is asked of texts to what search keeps to.
class ConstraintCompiler {
 public:
  /// Both must live as long as this.
  ConstraintCompiler(const TextSide& target, TokenTextsOnce& texts) : side_(target), texts_(texts) {}

  /// `extended`: the words that the sentence lends, nullptr where nothing is copied. Throws Error that says what cannot
  /// be met.
  Constraints compile(const OutputConstraints& asked, const ExtendedVocabulary* extended) const;

 private:
  std::vector<int> ids(const std::string& text, const ExtendedVocabulary* extended) const;
  std::shared_ptr<const TokenAutomaton> prefix(const std::string& text, const ExtendedVocabulary* extended) const;
  std::shared_ptr<const TokenAutomaton> allowed(std::span<const std::string> texts,
                                                const ExtendedVocabulary* extended) const;
  void add_boundaries(const ExtendedVocabulary* extended, Constraints& out) const;
  Phrase phrase(const std::string& text, const ExtendedVocabulary* extended) const;

  const TextSide& side_;
  TokenTextsOnce& texts_;
};

/// Of a sentence that lends words, `phrases` being what ForbiddenPhrases or a compiler made.
std::shared_ptr<const TokenAutomaton> with_words(std::shared_ptr<const TokenAutomaton> phrases,
                                                 const ExtendedVocabulary* extended);

/// Ids of a text with EOS; nothing if the side has not all of its tokens.
std::optional<std::vector<int>> target_ids(const TextSide& side, const std::string& text);

}  // namespace heed

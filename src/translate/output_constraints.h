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
  explicit ConstraintCompiler(const TextSide& target) : side_(target) {}

  /// `extended`: the words that the sentence lends, nullptr where nothing is copied. Throws Error that says what cannot
  /// be met.
  Constraints compile(const OutputConstraints& asked, const ExtendedVocabulary* extended);

 private:
  std::vector<int> ids(const std::string& text, const ExtendedVocabulary* extended) const;
  std::shared_ptr<const TokenAutomaton> prefix(const std::string& text, const ExtendedVocabulary* extended);
  Phrase phrase(const std::string& text, const ExtendedVocabulary* extended);
  const std::shared_ptr<const TokenTexts>& texts();

  const TextSide& side_;
  std::shared_ptr<const TokenTexts> texts_;  // made when they are first needed
};

/// Ids of a text with EOS; nothing if the side has not all of its tokens.
std::optional<std::vector<int>> target_ids(const TextSide& side, const std::string& text);

}  // namespace heed

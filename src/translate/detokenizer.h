#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attention_rows.h"
#include "heed/search/search.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/translator.h"
#include "unknown_words.h"

namespace heed {

/// From what search found for a sentence to its translations.
class Detokenizer {
 public:
  /// `extended`: the sentence's own words, nullptr where nothing is copied. All must live as long as this.
  Detokenizer(const TextSide& side, const ExtendedVocabulary* extended, const TranslateOptions& options,
              const Translated& source)
      : side_(side), extended_(extended), options_(options), source_(source) {}

  /// The text of a target id.
  std::string token(int id) const { return extended_ != nullptr ? extended_->token(id) : side_.token(id); }
  Translation translation(Hypothesis hypothesis, std::span<const LayersOfModel> models) const;

 private:
  /// What replaces each token of a hypothesis; nothing for those that stay.
  std::vector<std::optional<Replacement>> replacements(const Hypothesis& hypothesis) const;

  const TextSide& side_;
  const ExtendedVocabulary* extended_;
  const TranslateOptions& options_;
  const Translated& source_;
};

}  // namespace heed

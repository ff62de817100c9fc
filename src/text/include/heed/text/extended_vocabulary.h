#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// A target vocabulary, extended by the words of one source sentence that it lacks (See et al. 2017, section 2.2): the
/// first such word has the id V, the second V + 1, and so on.
class ExtendedVocabulary {
 public:
  /// `target` must outlive this. Tokens are compared by their text.
  ExtendedVocabulary(const TextSide& target, std::span<const Piece> source);

  /// Ids there are, those of the vocabulary counted.
  int size() const { return target_.vocabulary_size() + static_cast<int>(words_.size()); }
  /// The id of each source token.
  const std::vector<int>& source_ids() const { return source_ids_; }
  /// Ids of a target sentence; a token that the vocabulary lacks has its extended id, or that of <unk> if the source
  /// lacks it too.
  std::vector<int> ids(const Encoding& target) const;
  /// The text of an id, extended or not. Throws Error for an id out of range.
  const std::string& token(int id) const;

 private:
  int extended_id(const std::string& text) const;

  const TextSide& target_;
  std::vector<std::string> words_;  // of the ids from V on
  std::vector<int> source_ids_;
};

}  // namespace heed

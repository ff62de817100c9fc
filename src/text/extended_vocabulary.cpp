#include "heed/text/extended_vocabulary.h"

#include <algorithm>

namespace heed {

ExtendedVocabulary::ExtendedVocabulary(const TextSide& target, std::span<const Piece> source) : target_(target) {
  for (const Piece& piece : source) {
    int id = target.id(piece.text);
    if (id == Vocabulary::kUnknown) id = extended_id(piece.text);
    if (id == Vocabulary::kUnknown) {
      words_.push_back(piece.text);
      id = extended_id(piece.text);
    }
    source_ids_.push_back(id);
  }
}

std::vector<int> ExtendedVocabulary::ids(const Encoding& target) const {
  std::vector<int> out = target.ids;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == Vocabulary::kUnknown) out[i] = extended_id(target.pieces[i].text);
  }
  return out;
}

const std::string& ExtendedVocabulary::token(int id) const {
  const int own = id - target_.vocabulary_size();
  return own >= 0 && own < static_cast<int>(words_.size()) ? words_[static_cast<std::size_t>(own)] : target_.token(id);
}

// A sentence is short: a search through it costs less than a table.
int ExtendedVocabulary::extended_id(const std::string& text) const {
  const auto found = std::find(words_.begin(), words_.end(), text);
  if (found == words_.end()) return Vocabulary::kUnknown;
  return target_.vocabulary_size() + static_cast<int>(found - words_.begin());
}

}  // namespace heed

#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/flat_lists.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// The sentences of one side, each cut into tokens once.
struct TokenizedText {
  TextSide side;
  FlatLists<int> sentences;        ///< each token as its place in `tokens`
  std::vector<bool> cut;           ///< of which sentences TextSide::front() is a part only; these have no tokens here
  std::deque<std::string> tokens;  ///< the different ones
  std::vector<int> ids;            ///< of each of `tokens`, in the vocabulary of `side`

  /// A sentence as TextSide::encode() gives it, but without the tokens' places in the text.
  Encoding encoding(std::size_t sentence) const;
};

/// Makes a TextSide of sentences that are added one after the other, and keeps what they were cut into. The text itself
/// is kept for SentencePiece only, which must have seen all of it before it can cut any.
class TextSide::Builder {
 public:
  /// The vocabulary (or the SentencePiece model, which then is the vocabulary) is made of the sentences. The same
  /// sentences and options give the same result.
  explicit Builder(const TextOptions& options);
  /// The vocabulary is given.
  explicit Builder(TextSide side);
  /// `sentence` must be UTF-8, as for_each_line() gives it. It is not checked again.
  void add(std::string_view sentence);
  /// To be called once, after the last sentence.
  TokenizedText finish();

 private:
  enum class Makes { kNothing, kVocabulary, kSentencePiece };

  void tokenize(std::string_view sentence);
  int number_of(std::string token);
  Vocabulary make_vocabulary() const;

  Makes makes_;
  TokenizedText out_;
  FlatLists<char> text_;  // for SentencePiece
  std::unordered_map<std::string_view, int> numbers_;
  std::vector<long> counts_;  // of each token
};

}  // namespace heed

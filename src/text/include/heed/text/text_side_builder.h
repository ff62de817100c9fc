#pragma once
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/flat_lists.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// The sentences of one side, each cut into tokens once.
struct TokenizedText {
  TextSide side;
  FlatLists<int> sentences;        ///< each token as its place in `tokens`
  FlatLists<int> words;            ///< with keep_words(): of each token the word, as utf8::words, that it begins in
  FlatLists<int> features;         ///< TextSide::feature_ids() of each; or none
  std::vector<bool> cut;           ///< sentences that TextSide::front() cut; these have no tokens here
  std::deque<std::string> tokens;  ///< the distinct tokens
  std::vector<int> ids;            ///< of each of `tokens`, in the vocabulary of `side`

  /// A sentence's ids, as TextSide::encode() gives them.
  Encoding encoding(std::size_t sentence) const;
};

/// Makes a TextSide from added sentences, and keeps their tokens. It keeps the text for SentencePiece only, which needs
/// all of it before it can cut any.
class TextSide::Builder {
 public:
  /// Makes the vocabulary, or the SentencePiece model, from the sentences; the same sentences and options give the same
  /// result.
  explicit Builder(const TextOptions& options);
  /// With a given vocabulary.
  explicit Builder(TextSide side);
  /// Before the first sentence: asks for TokenizedText::words.
  void keep_words() { keeps_words_ = true; }
  /// `sentence` must be UTF-8, as for_each_line() gives it; it is not checked, nor are its `features`, the values of
  /// each feature of the options (feature_fault()).
  void add(std::string_view sentence, std::span<const std::string_view> features = {});
  /// Call once, after the last sentence.
  TokenizedText finish();
  /// In the place of finish(): two sides with one vocabulary, made of the sentences of both. Their options must cut
  /// text in the same way, and a given vocabulary is given to both.
  static std::pair<TokenizedText, TokenizedText> finish_joint(Builder& source, Builder& target);
  /// Likewise, where the sentences are but a sample: the side alone.
  TextSide finish_side();
  static std::pair<TextSide, TextSide> finish_joint_sides(Builder& source, Builder& target);

 private:
  using Builders = std::span<Builder* const>;
  enum class Makes { kNothing, kVocabulary, kSentencePiece };

  void tokenize(std::string_view sentence);
  int number_of(std::string token);
  void make_feature_vocabularies();
  void make_features();
  static void make_sides(Builders all);
  static Vocabulary make_vocabulary(Builders all);
  TokenizedText take();
  TextSide take_side();

  Makes makes_;
  bool keeps_words_ = false;
  TokenizedText out_;
  FlatLists<char> text_;  // for SentencePiece
  std::unordered_map<std::string_view, int> numbers_;
  std::vector<long> counts_;  // of each token

  struct FeatureText {
    std::map<std::string, int, std::less<>> numbers;
    std::vector<long> counts;  // of each value
    FlatLists<int> sentences;  // numbers of values
  };
  std::vector<FeatureText> features_;
};

}  // namespace heed

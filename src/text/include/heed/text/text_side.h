#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/settings.h"
#include "heed/text/tokenizer.h"
#include "heed/text/vocabulary.h"

namespace HEED_API heed {

/// How one side (source or target) is cut into tokens.
struct TextOptions {
  std::string tokenizer = "words";  ///< words | characters | sentencepiece | spaces
  int vocabulary = 10000;           ///< size limit, specials included; 0 = all
  int min_count = 1;                ///< rarer tokens are unknown
  bool lowercase = false;
  int max_length = 80;  ///< longer training sentences are left out (tokens); 0 = no limit
  void describe(Settings& settings, const std::string& prefix);  ///< binds `prefix.tokenizer` etc.
};

/// A sentence as the model sees it; the pieces keep the way back to the text.
struct Encoding {
  std::vector<Piece> pieces;
  std::vector<int> ids;  ///< same length as pieces, without BOS and EOS
};

/// Tokenizer and vocabulary of one language: text in, ids out, and back. Immutable, safe to share by threads.
class TextSide {
 public:
  class Builder;  ///< heed/text/text_side_builder.h: from sentences, of which it keeps the ids
  /// What a Builder makes of these sentences. Throws Error if one is not UTF-8.
  static TextSide build(const TextOptions& options, std::span<const std::string> sentences);
  /// Files `<stem>.vocabulary` or `<stem>.sentencepiece` of a bundle.
  static TextSide load(const TextOptions& options, const std::string& directory, const std::string& stem);
  void save(const std::string& directory, const std::string& stem) const;
  /// A side of known tokens, with spaces between them.
  static TextSide of_vocabulary(Vocabulary vocabulary);

  /// What the text has is never a special: "</s>" is the word or the characters that it is written with. Throws Error
  /// if the sentence is not UTF-8. A sentence of white space alone has no tokens, as an empty one.
  Encoding encode(std::string_view sentence) const;
  /// The sentence as this side would write it: its tokens joined again, in lower case where the side reads so, with
  /// the blanks that its tokenizer leaves. A word that is not in the vocabulary stays what it is. What a model writes
  /// is to be compared with references in this form. Throws Error if the sentence is not UTF-8.
  std::string as_written(std::string_view sentence) const;
  std::string as_written(const Encoding& sentence) const;  ///< of a sentence that was encoded already
  /// The part of a sentence that is looked at where no more than `tokens` tokens are read (0: all of it): so many times
  /// kBytesPerToken bytes. It bounds the memory and the time of a line, whatever its length.
  static std::string_view front(std::string_view sentence, int tokens);
  static constexpr std::size_t kBytesPerToken = 256;
  /// Text of ids; BOS and EOS are left out.
  std::string decode(std::span<const int> ids) const;
  /// Text of tokens.
  std::string join(std::span<const std::string> tokens) const { return tokenizer_->join(tokens); }
  Joined join_pieces(std::span<const std::string> tokens) const { return tokenizer_->join_pieces(tokens); }
  const std::string& token(int id) const;
  /// The id of a token's text; that of <unk> for what is not in the vocabulary, or looks like a special.
  int id(std::string_view token) const;
  int vocabulary_size() const;
  const TextOptions& options() const { return options_; }

 private:
  /// Of UTF-8.
  std::vector<Piece> split(std::string_view sentence) const;
  void use_sentencepiece(std::string model, const std::string& name);

  TextOptions options_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Vocabulary vocabulary_;      // for SentencePiece: its pieces with our three specials in front
  std::string sentencepiece_;  // serialized model, if any
};

}  // namespace heed

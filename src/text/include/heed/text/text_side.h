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

/// A sentence as ids, with the pieces that map them to the text.
struct Encoding {
  std::vector<Piece> pieces;
  std::vector<int> ids;  ///< same length as pieces, without BOS and EOS
};

/// Tokenizer and vocabulary of one language: text in, ids out, and back. Immutable, safe to share by threads.
class TextSide {
 public:
  class Builder;  ///< heed/text/text_side_builder.h: from sentences, of which it keeps the ids
  /// Builds a side from sentences. Throws Error if one is not UTF-8.
  static TextSide build(const TextOptions& options, std::span<const std::string> sentences);
  /// Files `<stem>.vocabulary` or `<stem>.sentencepiece` of a bundle.
  static TextSide load(const TextOptions& options, const std::string& directory, const std::string& stem);
  void save(const std::string& directory, const std::string& stem) const;
  /// A side of known tokens, with spaces between them.
  static TextSide of_vocabulary(Vocabulary vocabulary);

  /// Text is never a special: a literal "</s>" is a word or characters. Throws Error if the sentence is not UTF-8. A
  /// blank sentence has no tokens.
  Encoding encode(std::string_view sentence) const;
  /// The sentence as this side would write it: its tokens joined again, lower-cased if the side is, with its
  /// tokenizer's blanks; words outside the vocabulary stay. Compare a model's output with references in this form.
  /// Throws Error if the sentence is not UTF-8.
  std::string as_written(std::string_view sentence) const;
  std::string as_written(const Encoding& sentence) const;  ///< of an encoded sentence
  /// The first `tokens` * kBytesPerToken bytes of a sentence (0: all of it), enough for that many tokens: bounds the
  /// memory and time of long lines.
  static std::string_view front(std::string_view sentence, int tokens);
  static constexpr std::size_t kBytesPerToken = 256;
  /// Text of ids; BOS and EOS are left out.
  std::string decode(std::span<const int> ids) const;
  /// Text of tokens.
  std::string join(std::span<const std::string> tokens) const { return tokenizer_->join(tokens); }
  Joined join_pieces(std::span<const std::string> tokens) const { return tokenizer_->join_pieces(tokens); }
  const std::string& token(int id) const;
  /// The id of a token's text; that of <unk> for unknown tokens and literal specials.
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

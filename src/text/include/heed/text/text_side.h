#pragma once
#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/auto.h"
#include "heed/base/export.h"
#include "heed/base/folder.h"
#include "heed/text/features.h"
#include "heed/text/source_end.h"
#include "heed/text/tokenizer.h"
#include "heed/text/vocabulary.h"

namespace HEED_API heed {

class Settings;
class Symbols;

/// What to say where a file of a bundle is missing.
inline constexpr const char* kBundleFiles = "a bundle holds config.yaml, parameters.safetensors and its vocabularies";

/// How one side (source or target) is cut into tokens.
struct TextOptions {
  std::string tokenizer = "words";  ///< words | characters | sentencepiece | spaces; of a training also auto
  int vocabulary = 10000;           ///< size limit, specials included; 0 = all
  int min_count = 1;                ///< rarer tokens are unknown
  bool lowercase = false;
  std::string normalization = "none";     ///< none | nfc | nfkc: Unicode's normal form in which text is read
  int max_length = 80;                    ///< longer training sentences are left out (tokens); 0 = no limit
  std::vector<std::string> symbols = {};  ///< one token each wherever they stand, and always in the vocabulary
  std::string model = {};  ///< a SentencePiece model, a vocabulary, or a bundle that is taken; empty: made of the text
  std::string algorithm = "unigram";  ///< of sentencepiece: unigram | bpe
  double coverage = 1;                ///< of sentencepiece: share of the text's characters that its pieces can spell
  int threads = 1;                    ///< in which sentencepiece learns
  int sample = 0;                     ///< > 0: sentencepiece learns from so many sentences, drawn at random
  double sampling = 0;                ///< > 0: alpha of sub-word sampling in training (PieceSampler)
  SourceEnd end = {};                 ///< of the source alone
  bool reversed = false;              ///< of the target alone: a model writes it from its last token to its first
  FeatureOptions feature = {};        ///< of the source alone; its column 0: there is none
  std::vector<FeatureOptions> more_features = {};

  bool is_auto() const { return tokenizer == kAuto; }  ///< left to choose_tokenizers(): no text can be cut with it
  bool uses_sentencepiece() const { return tokenizer == "sentencepiece"; }
  bool cuts_characters() const { return tokenizer == "characters"; }
  bool joins_words() const { return tokenizer == "words"; }  ///< by marks of its tokens
  bool is_pretokenized() const { return tokenizer == "spaces"; }
  bool merges() const { return algorithm == "bpe"; }
  bool normalizes() const { return normalization != "none"; }
  /// Whether both cut the same sentence into the same tokens, given the same vocabulary.
  bool cuts_like(const TextOptions& other) const;
  void describe(Settings& settings, const std::string& prefix);  ///< binds `prefix.tokenizer` etc.
  void describe_features(Settings& settings, const std::string& section);
  void describe_direction(Settings& settings, const std::string& prefix);
  void describe_end(Settings& settings, const std::string& prefix);
  /// Turns what is of each token of a sentence from the order of the text to that in which a model writes them, and
  /// back; the last `marks` of them, EOS, stay where they are.
  template <typename Values>
  void turn(Values&& values, std::ptrdiff_t marks = 0) const {
    if (reversed && std::ssize(values) > marks) std::reverse(values.begin(), values.end() - marks);
  }
  /// All, with their names.
  std::vector<FeatureOptions> features() const;
  std::string feature_names() const;  ///< "pos, dialect"
};

/// A sentence as ids in the order of the text (TextOptions::turn()), with the pieces that map them to it.
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
  /// Files `<stem>.vocabulary` or `<stem>.sentencepiece` of a bundle, and `<stem>.features.NAME.vocabulary`.
  /// A SentencePiece model that is also that of `other` is shared with it, since making one takes milliseconds.
  static TextSide load(const TextOptions& options, const Folder& bundle, const std::string& stem,
                       const TextSide* other = nullptr);
  void save(const std::string& directory, const std::string& stem) const;
  /// Whether save() of some side gives a file that name.
  static bool is_file_of(const std::string& stem, const std::string& name);
  /// The one that options.model names: the SentencePiece model or the vocabulary in a file, as the tokenizer has it, or
  /// that of a bundle's `stem`. Throws Error with file and line if it is none.
  static TextSide of_model(const TextOptions& options, const std::string& stem);
  /// A side of known tokens, with spaces between them.
  static TextSide of_vocabulary(Vocabulary vocabulary);

  /// Text is never a special: a literal "</s>" is a word or characters. Throws Error if the sentence is not UTF-8. A
  /// blank sentence has no tokens.
  Encoding encode(std::string_view sentence) const;
  /// The sentence as this side would write it: its tokens joined again, normalised and lower-cased if the side
  /// is, with its tokenizer's blanks; words outside the vocabulary stay. Compare a model's output with references in
  /// this form. Throws Error if the sentence is not UTF-8.
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
  /// For each feature an id of each piece and then of EOS, whose value is its own, where EOS is read
  /// (TextOptions::end). The pieces may be those of the sentence's front. Throws UsageError if there are not as many
  /// features as the side has, and Error if the values of one are neither one nor as many as the sentence has words.
  std::vector<int> feature_ids(std::string_view sentence, std::span<const Piece> pieces,
                               const FeatureValues& values) const;
  /// The values of each of options().features().
  const std::vector<Vocabulary>& features() const { return features_; }
  /// Whether both have the same features with the same values.
  bool has_features_of(const TextSide& other) const;
  const TextOptions& options() const { return options_; }
  /// The serialized model; empty for other tokenizers.
  const std::string& sentencepiece() const { return sentencepiece_; }

 private:
  /// Of UTF-8.
  std::vector<Piece> split(std::string_view sentence) const;
  void use_sentencepiece(std::string model, const std::string& name);
  void set_options(const TextOptions& options);
  int feature_id(std::size_t feature, std::string_view value) const;

  TextOptions options_;
  std::shared_ptr<const Symbols> symbols_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Vocabulary vocabulary_;      // for SentencePiece: its pieces with our three specials in front
  std::string sentencepiece_;  // serialized model, if any
  std::vector<Vocabulary> features_;
};

}  // namespace heed

#pragma once
#include <atomic>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "heed/record/translation.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/model_scorer.h"
#include "readers.h"

namespace heed {

/// The tokens of a sentence as a side reads them, EOS the last if it is read, and their ranges.
struct TokensOfSide {
  std::vector<std::string>& tokens;
  std::vector<ByteRange>& ranges;
};
void put_tokens(const TextSide& side, std::span<const Piece> pieces, TokensOfSide to);

/// What one source side makes of the sentences.
struct Reading {
  std::vector<std::vector<int>> ids;
  std::vector<std::vector<int>> features;  ///< TextSide::feature_ids() of each; no ids where the model reads none
  /// Of each sentence its tokens and their ranges, where they are not those of the first reading.
  std::vector<std::vector<std::string>> tokens;
  std::vector<std::vector<ByteRange>> ranges;
  std::vector<bool> agrees;  ///< whether they are
};

/// What is to be translated or scored, as the models read it, and where the answers go.
struct Sources {
  explicit Sources(const Readers& of_models) : readers(of_models), readings(of_models.of_reading.size()) {}

  /// Adds a sentence, whose answer goes to `place`. `encodings`: of each reading; `out` gets the tokens of the first.
  void add(const FeatureValues& features, std::span<const Encoding> encodings, std::size_t place, Translated& out);
  /// Gives the members of an ensemble their own tokens of a source where they differ.
  void name_tokens(std::size_t source, std::vector<MemberAttention>& members) const;

  const Readers& readers;
  std::vector<Reading> readings;
  std::vector<int> lengths;  ///< of the first reading, without EOS
  std::vector<std::size_t> places;
  std::vector<ExtendedVocabulary> extended;  ///< of each, if a model copies
};

/// Some of the sources, as a scorer takes them. Refers to them.
class SourcesBatch {
 public:
  SourcesBatch(const Sources& sources, const std::vector<int>& indices);
  const EnsembleSources& views() const { return views_; }

 private:
  struct Views {
    std::vector<std::span<const int>> ids, features;
  };
  std::vector<Views> readings_;
  std::vector<std::span<const int>> copies_;
  EnsembleSources views_;
};

/// Sentences as they are given, with the values of their features, or none of any.
struct TranslatedText {
  std::span<const std::string> sentences;
  std::span<const FeatureValues> features;
};

struct ReadingOptions {
  int max_tokens = 0;                       ///< of each sentence; 0: all
  const std::atomic<bool>* stop = nullptr;  ///< as TranslateOptions::stop
};

/// Reads the sentences that are not blank. `out` gets the sentences and their tokens; blank ones get their empty
/// translation. An Error tells the sentence.
Sources read_sentences(const Readers& readers, const TranslatedText& text, const ReadingOptions& options,
                       std::span<Translated> out);

/// Values of the source's features, by their names.
std::map<std::string, std::string> named(const TextSide& source, const FeatureValues& values);

/// How many of them are <unk>.
int unknown_tokens(std::span<const int> ids);

}  // namespace heed

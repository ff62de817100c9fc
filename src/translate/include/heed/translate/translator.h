#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/corpus.h"
#include "heed/model/bundle.h"
#include "heed/search/search_trace.h"

namespace HEED_API heed {

class Dictionary;
class Shortlist;

struct TranslateOptions {
  int beam = 5;
  int nbest = 1;
  int batch_sentences = 32;  ///< sentences that are decoded together
  int threads = 1;           ///< workers, each with batches of its own
  double length_penalty = 1.0;
  bool attention = false;        ///< fill Translation::attention
  bool trace = false;            ///< fill Translated::trace
  int max_source_tokens = 1000;  ///< longer sentences are cut (Translated::tokens_cut); 0 = no limit
  /// Most tokens of an answer; nothing: what the model keeps of its training (Config data.max_output), of an ensemble
  /// the widest.
  std::optional<OutputLimit> max_output = {};
  int forced_length = 0;  ///< > 0: every translation has exactly this many tokens (benchmarks)
  /// Tokens that a sentence may be translated by (heed/translate/shortlist.h), of the model's vocabularies; nullptr:
  /// all. Not for ensembles. Scores are of probabilities among these tokens.
  std::shared_ptr<const Shortlist> shortlist = nullptr;
  /// <unk> in a translation becomes the source token that it attended to most, EOS aside (Luong et al.
  /// 2015, section 3.3 of "Addressing the rare word problem"), or what the dictionary has for it. For models that
  /// attend, with the same tokenizer on both sides.
  bool replace_unknown = false;
  std::shared_ptr<const Dictionary> dictionary = nullptr;
};

/// Weights of one look: [target tokens][source tokens]; of a layer: those of its heads; of a model: of its layers.
using AttentionWeights = std::vector<std::vector<float>>;
using AttentionLayers = std::vector<std::vector<AttentionWeights>>;

/// One target for a source sentence.
struct Translation {
  std::string text;
  std::vector<std::string> tokens;  ///< EOS is the last, unless the answer was cut
  std::vector<ByteRange> ranges;    ///< of each token in `text`; empty where it has no text, as EOS
  bool cut = false;                 ///< the length limit ended it
  double score = 0;                 ///< length-normalised
  double log_probability = 0;
  std::vector<std::vector<float>> attention;  ///< [tokens][source tokens]; of layers and heads the mean
  AttentionLayers attention_layers;           ///< empty where there is one layer with one head, and of ensembles
  /// Indices of the tokens that have more than half of their probability from copying; nothing if no model copies.
  std::optional<std::vector<int>> copied = {};
};

/// A source sentence with its translations, best first. An empty (or blank) sentence has no tokens and one empty
/// translation.
struct Translated {
  std::string source;
  std::vector<std::string> source_tokens;  ///< EOS is the last
  std::vector<ByteRange> source_ranges;    ///< of each token in `source`, as Translation::ranges
  int tokens_cut = 0;  ///< tokens at its end that were not read, at least; exact unless TextSide::front() is a part
  std::vector<std::string> attention_names;  ///< of the layers of Translation::attention_layers
  std::vector<Translation> translations;
  SearchTrace trace;                      ///< how they were found, if asked for
  std::vector<std::string> trace_tokens;  ///< of each of its candidates
};

/// Text in, translations out. With several bundles their probabilities are averaged in log space (an ensemble), and
/// their attentions too; all must have the same vocabularies.
///
/// Thread-safe: any number of threads may call the same Translator at once, without a lock of theirs. A call computes
/// in the thread that calls and in `threads` - 1 others, which the Translator keeps for the next call, with the memory
/// of their searches. Each thread compiles its matrix products when it first meets their sizes, and loses them when it
/// ends: call from threads that stay (a pool), not from one that is started for each sentence.
class Translator {
 public:
  explicit Translator(std::vector<Bundle> bundles);
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;
  /// Answer i belongs to sentence i, and does not depend on the other sentences, on their order, or on the number of
  /// threads.
  std::vector<Translated> translate(std::span<const std::string> sentences, const TranslateOptions& options = {}) const;
  /// The answer to one sentence. (A template, so that nobody's {"a", "b"} becomes a string from "a" to "b".)
  template <std::convertible_to<std::string_view> Sentence>
  Translated translate(const Sentence& sentence, const TranslateOptions& options = {}) const {
    const std::string one(static_cast<std::string_view>(sentence));
    return std::move(translate(std::span(&one, 1), options).front());
  }
  const Bundle& bundle() const { return bundles_.front(); }
  /// The limit of TranslateOptions::max_output where it says nothing.
  OutputLimit output_limit() const;

 private:
  class ScorerPool;

  std::vector<Bundle> bundles_;
  std::unique_ptr<ScorerPool> scorers_;
};

/// A given pair under teacher forcing.
struct Scored {
  std::vector<std::string> source_tokens;
  std::vector<std::string> target_tokens;  ///< EOS is the last
  std::vector<ByteRange> source_ranges;    ///< of the tokens in the sentences, as Translation::ranges
  std::vector<ByteRange> target_ranges;
  std::vector<double> log_probabilities;      ///< one for each target token, natural logarithm
  std::vector<std::vector<float>> attention;  ///< [target tokens][source tokens]; of layers and heads the mean; empty
                                              ///< without attention
  AttentionLayers attention_layers;           ///< empty where there is one layer with one head
  std::vector<std::string> attention_names;   ///< of its layers
  std::optional<std::vector<int>> copied;     ///< as Translation::copied
  double log_probability = 0;                 ///< their sum
};

struct ScoreOptions {
  int batch_sentences = 32;
  int threads = 1;
  bool attention = true;  ///< fill Scored::attention
  int max_length = 1000;  ///< a side of more tokens is an Error: a part would have another probability; 0 = no limit
  std::string source_name = "source";  ///< what errors call the files,
  std::string target_name = "target";
  long first_line = 1;  ///< and the line of the first pair
};
/// Answer i belongs to pair i. A blank side is EOS alone. Thread-safe: any number of threads may score with
/// the same Bundle at once. A call computes in the thread that calls and starts `threads` - 1 others for itself, each
/// of which compiles its matrix products: score many pairs in a call.
std::vector<Scored> score_pairs(const Bundle& bundle, std::span<const SentencePair> pairs,
                                const ScoreOptions& options = {});

}  // namespace heed

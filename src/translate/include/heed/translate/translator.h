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
  /// The most tokens of an answer; nothing: the model's data.max_output, of an ensemble the largest.
  std::optional<OutputLimit> max_output = {};
  int forced_length = 0;  ///< > 0: every translation has exactly this many tokens (benchmarks)
  /// Target tokens that may be proposed (heed/translate/shortlist.h), of the model's vocabularies; nullptr: all. Not
  /// for ensembles. Probabilities are normalised over them.
  std::shared_ptr<const Shortlist> shortlist = nullptr;
  /// Replaces <unk> in a translation by the source token that it attended to most, EOS aside, or its translation in the
  /// dictionary (Luong et al. 2015, section 3.3 of "Addressing the rare word problem"). For models that attend, with
  /// the same tokenizer on both sides.
  bool replace_unknown = false;
  std::shared_ptr<const Dictionary> dictionary = nullptr;
};

/// Weights of a head: [target tokens][source tokens]; of a layer: its heads; of a model: its layers.
using AttentionWeights = std::vector<std::vector<float>>;
using AttentionLayers = std::vector<std::vector<AttentionWeights>>;

/// One target for a source sentence.
struct Translation {
  std::string text;
  std::vector<std::string> tokens;  ///< EOS is the last, unless the answer was cut
  std::vector<ByteRange> ranges;    ///< of each token in `text`; empty without text, as for EOS
  bool cut = false;                 ///< the length limit ended it
  double score = 0;                 ///< length-normalised
  double log_probability = 0;
  std::vector<std::vector<float>> attention;  ///< [tokens][source tokens]; the mean over layers and heads
  AttentionLayers attention_layers;           ///< empty where there is one layer with one head, and of ensembles
  /// Indices of the tokens with more than half of their probability from copying; nothing if no model copies.
  std::optional<std::vector<int>> copied = {};
};

/// A source sentence with its translations, best first. An empty (or blank) sentence has no tokens and one empty
/// translation.
struct Translated {
  std::string source;
  std::vector<std::string> source_tokens;  ///< EOS is the last
  std::vector<ByteRange> source_ranges;    ///< of each token in `source`, as Translation::ranges
  int tokens_cut = 0;  ///< tokens at its end that were not read; a lower bound if TextSide::front() cut it
  std::vector<std::string> attention_names;  ///< of the layers of Translation::attention_layers
  std::vector<Translation> translations;
  SearchTrace trace;                      ///< candidates of the search, if asked for
  std::vector<std::string> trace_tokens;  ///< of each candidate
};

/// Text in, translations out. Several bundles of the same vocabularies are an ensemble: the mean of their probabilities
/// and of their attentions.
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
  /// Answer i belongs to sentence i, and does not depend on the other sentences, their order, or the number of threads.
  std::vector<Translated> translate(std::span<const std::string> sentences, const TranslateOptions& options = {}) const;
  /// The answer to one sentence. (A template, so that {"a", "b"} does not become a string from "a" to "b".)
  template <std::convertible_to<std::string_view> Sentence>
  Translated translate(const Sentence& sentence, const TranslateOptions& options = {}) const {
    const std::string one(static_cast<std::string_view>(sentence));
    return std::move(translate(std::span(&one, 1), options).front());
  }
  const Bundle& bundle() const { return bundles_.front(); }
  /// The limit if TranslateOptions::max_output is nothing.
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
  std::vector<std::vector<float>> attention;  ///< [target tokens][source tokens], mean of layers and heads; or empty
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
  std::string source_name = "source";  ///< names of the files in errors,
  std::string target_name = "target";
  long first_line = 1;  ///< and line number of the first pair
};
/// Answer i belongs to pair i. A blank side is EOS alone. Thread-safe: any number of threads may score with
/// the same Bundle at once. A call computes in the thread that calls and starts `threads` - 1 others for itself, each
/// of which compiles its matrix products: score many pairs in a call.
std::vector<Scored> score_pairs(const Bundle& bundle, std::span<const SentencePair> pairs,
                                const ScoreOptions& options = {});

}  // namespace heed

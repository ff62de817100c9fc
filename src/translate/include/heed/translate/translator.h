#pragma once
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
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
#include "heed/record/translation.h"
#include "heed/search/ranking.h"
#include "heed/search/sampling.h"
#include "heed/translate/constraints.h"
#include "heed/translate/ensemble.h"

namespace HEED_API heed {

class Dictionary;
class ForbiddenPhrases;
class ScorerPool;
class Shortlist;
class TokenTextsOnce;
struct Readers;

/// How far the answer to a sentence has got: its beginning, or its end if the target is `reversed`.
struct TranslationStep {
  std::size_t sentence = 0;         ///< its place in the call
  std::vector<std::string> tokens;  ///< of the best hypothesis that goes on
  std::string text;                 ///< of these
};

struct TranslateOptions {
  int beam = 5;                  ///< at most 1000,
  int nbest = 1;                 ///< and as many
  int batch_sentences = 32;      ///< sentences that are decoded together
  int threads = 1;               ///< workers, each with batches of its own
  Ranking ranking = {};          ///< of the hypotheses of a beam
  bool attention = false;        ///< fill Translation::attention
  bool trace = false;            ///< fill Translated::trace
  int max_source_tokens = 1000;  ///< longer sentences are cut (Translated::tokens_cut); 0 = no limit
  /// The most tokens of an answer; nothing: the model's data.max_output, of an ensemble the largest.
  std::optional<OutputLimit> max_output = {};
  /// The fewest, EOS counted, unless that is more than the most: of each sentence ratio * its tokens + extra.
  OutputLimit min_output = {.ratio = 0, .extra = 0};
  bool forbid_unknown = false;    ///< <unk> is never taken
  int no_repeat_ngram = 0;        ///< > 0: no sequence of so many tokens occurs twice in an answer
  double repetition_penalty = 1;  ///< > 1: factor of the log-probability of a token that the answer has already
  double prune = 0;               ///< > 0: a hypothesis so far below the best one of its step, by log p, is dropped
  int groups = 1;                 ///< parts of the beam, a divisor of it, that avoid each other's tokens (diverse beam
                                  ///< search, Vijayakumar et al. 2018)
  double diversity = 0.5;         ///< what a token costs a group for each that took it before in the same step
  std::optional<Sampling> sampling = {};  ///< `nbest` answers are drawn; a beam has no effect
  std::uint64_t first_sentence = 0;  ///< place of the first sentence in its stream: what is drawn depends on the place
  /// The `nbest` best tokens behind OutputConstraints::prefix, or at the beginning, each completed by greedy search.
  bool alternatives = false;
  std::shared_ptr<const AllowedOutputs> allowed = nullptr;      ///< the only answers, for every sentence
  std::shared_ptr<const ForbiddenPhrases> forbidden = nullptr;  ///< phrases that no answer has
  bool token_scores = false;                                    ///< fill Translation::log_probabilities
  /// Called after each step for each sentence that goes on, in the threads that compute; after false the sentence gets
  /// what has been found, cut.
  std::function<bool(const TranslationStep&)> on_step = {};
  /// Set by any thread, it ends the call by Cancelled: it is looked at before each step, and for each sentence that is
  /// read. It costs nothing, unlike on_step, which needs texts.
  const std::atomic<bool>* stop = nullptr;
  int forced_length = 0;  ///< > 0: every translation has exactly this many tokens (benchmarks)
  /// Target tokens that may be proposed (heed/translate/shortlist.h), of the model's vocabularies; nullptr: all. The
  /// models of an ensemble must read the source alike. Probabilities are normalised over them.
  std::shared_ptr<const Shortlist> shortlist = nullptr;
  /// Replaces <unk> in a translation by the source token that it attended to most, EOS aside, or its translation in the
  /// dictionary (Luong et al. 2015, section 3.3 of "Addressing the rare word problem"). For models that attend, with
  /// the same tokenizer on both sides.
  bool replace_unknown = false;
  std::shared_ptr<const Dictionary> dictionary = nullptr;
};

/// Text in, translations out. Several bundles are an ensemble, which must have one target vocabulary; each model cuts
/// the source in its own way. A token's probability is the mean of theirs (EnsembleOptions); Translated::source_tokens
/// are those of the first model that attends, of which lengths are counted, Translation::attention is the mean over the
/// models that have the same ones, by their weights, and Translation::attention_members that of each.
///
/// Thread-safe: any number of threads may call the same Translator at once, without a lock of theirs. A call computes
/// in the thread that calls and in `threads` - 1 others, which the Translator keeps for the next call, with the memory
/// of their searches. Each thread compiles its matrix products when it first meets their sizes, and loses them when it
/// ends: call from threads that stay (a pool), not from one that is started for each sentence.
class Translator {
 public:
  /// Throws Error for models that do not go together, and UsageError for weights that are not theirs.
  explicit Translator(std::vector<Bundle> bundles, EnsembleOptions ensemble = {});
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;
  /// Answer i belongs to sentence i, and does not depend on the other sentences, their order, or the number of threads.
  /// `features`: for models that read some (bundle().source.options().features()), the values of each, for each
  /// sentence; a blank one needs none. Throws Error for values that do not fit their sentence. `constraints`: those of
  /// each sentence, or none of any; where they cannot be met, Translated::fault says so and the answer is empty.
  std::vector<Translated> translate(std::span<const std::string> sentences, const TranslateOptions& options = {},
                                    std::span<const FeatureValues> features = {},
                                    std::span<const OutputConstraints> constraints = {}) const;
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
  std::vector<Bundle> bundles_;
  EnsembleOptions ensemble_;
  std::unique_ptr<const Readers> readers_;
  std::unique_ptr<TokenTextsOnce> texts_;  // for constraints
  std::unique_ptr<ScorerPool> scorers_;
};

struct ScoreOptions {
  int batch_sentences = 32;
  int threads = 1;
  bool attention = true;  ///< fill Translation::attention
  int max_length = 1000;  ///< a side of more tokens is an Error: a part would have another probability; 0 = no limit
  std::string source_name = "source";  ///< names of the files in errors,
  std::string target_name = "target";
  long first_line = 1;                      ///< and line number of the first pair
  const std::atomic<bool>* stop = nullptr;  ///< as TranslateOptions::stop, looked at for each pair and each batch
};
/// Given pairs under teacher forcing: answer i belongs to pair i, and its one translation is the target, with the
/// log-probability of each token. A blank side is EOS alone. Thread-safe: any number of threads may score with
/// the same Bundle at once. A call computes in the thread that calls and starts `threads` - 1 others for itself, each
/// of which compiles its matrix products: score many pairs in a call.
std::vector<Translated> score_pairs(const Bundle& bundle, std::span<const SentencePair> pairs,
                                    const ScoreOptions& options = {});
/// The same by an ensemble, as a Translator of the bundles would score them: step by step, which takes longer.
std::vector<Translated> score_pairs(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                    const ScoreOptions& options = {}, const EnsembleOptions& ensemble = {});

}  // namespace heed

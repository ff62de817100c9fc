#include "heed/translate/translator.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>

#include "attention_rows.h"
#include "detokenizer.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/stop.h"
#include "heed/search/search.h"
#include "output_constraints.h"
#include "scorer_pool.h"
#include "sources.h"
#include "translate_checks.h"
#include "work.h"

namespace heed {
namespace {

SearchOptions search_options(const TranslateOptions& options, const OutputLimit& limit, const TextSide& source) {
  SearchOptions out;
  out.beam = options.beam;
  out.nbest = options.nbest;
  out.ranking = options.ranking;
  if (options.forbid_unknown) out.rules.forbidden = {Vocabulary::kUnknown};
  out.prune = options.prune;
  out.groups = options.groups;
  out.diversity = options.diversity;
  out.sampling = options.sampling;
  out.alternatives = options.alternatives;
  out.rules.no_repeat_ngram = options.no_repeat_ngram;
  out.rules.repetition_penalty = options.repetition_penalty;
  out.source_ends = source.options().end.always;
  out.keep_attention = options.attention || options.replace_unknown;
  out.begin_token = Vocabulary::kBegin;
  out.end_token = Vocabulary::kEnd;
  out.forced_length = options.forced_length;
  out.stop = options.stop;
  out.max_length_factor = limit.ratio;
  out.max_length_extra = limit.extra;
  out.min_length_factor = options.min_output.ratio;
  out.min_length_extra = options.min_output.extra;
  return out;
}

/// Hypotheses that go on together, at most.
int rows_of_sentence(const TranslateOptions& options) {
  return options.sampling || options.alternatives ? options.nbest : options.beam;
}

/// A call of translate(): what its workers share.
struct Call {
  const Bundle& bundle;
  const TranslateOptions& options;
  const Sources& sources;
  SearchOptions search;
  std::vector<LayersOfModel> layers;  // of each model
  std::span<Translated> out;
  std::span<const OutputConstraints> constraints;
  TokenTextsOnce& texts;

  void translate(BatchScorer& scorer, const std::vector<int>& batch) const;
  /// What search is to find for a source, if that can be said.
  std::optional<SearchSentence> sentence_of(std::size_t source, const ConstraintCompiler& compiler) const;
  bool tell(std::size_t source, std::span<const int> tokens) const;
  void refuse(std::size_t source, std::string fault) const;
  Detokenizer detokenizer(std::size_t source) const;
  void add(std::size_t source, std::vector<Hypothesis> found, SearchTrace trace) const;
};

void Call::translate(BatchScorer& scorer, const std::vector<int>& batch) const {
  check_stop(options.stop);
  std::vector<SearchSentence> sentences;
  std::vector<int> kept;  // of the batch
  const ConstraintCompiler compiler(bundle.target, texts);
  for (const int index : batch) {
    std::optional<SearchSentence> sentence = sentence_of(static_cast<std::size_t>(index), compiler);
    if (!sentence) continue;
    kept.push_back(index);
    sentences.push_back(std::move(*sentence));
  }
  if (kept.empty()) return;
  const SourcesBatch read(sources, kept);
  scorer.start(read.views());
  SearchOptions how = search;
  if (options.on_step) {
    how.on_step = [&](const SearchStep& step) {
      return tell(static_cast<std::size_t>(kept[step.sentence]), step.tokens);
    };
  }
  std::vector<SearchTrace> traces;
  auto found = run_search(scorer, sentences, how, options.trace ? &traces : nullptr);
  traces.resize(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i)
    add(static_cast<std::size_t>(kept[i]), std::move(found[i]), std::move(traces[i]));
}

std::optional<SearchSentence> Call::sentence_of(std::size_t source, const ConstraintCompiler& compiler) const {
  const std::size_t place = sources.places[source];
  SearchSentence sentence{.source_length = sources.lengths[source] + 1,  // EOS counted, read or not
                          .stream = options.first_sentence + place};
  const ExtendedVocabulary* extended = sources.extended.empty() ? nullptr : &sources.extended[source];
  if (!constraints.empty()) {
    try {
      sentence.constraints = compiler.compile(constraints[place], extended);
    } catch (const Error& error) {
      refuse(source, error.what());
      return std::nullopt;
    }
  }
  if (options.allowed != nullptr) sentence.constraints.automata.push_back(options.allowed->trie());
  if (options.forbidden != nullptr) {
    sentence.constraints.automata.push_back(with_words(options.forbidden->automaton(), extended));
  }
  return sentence;
}

void Call::refuse(std::size_t source, std::string fault) const {
  Translated& translated = out[sources.places[source]];
  translated.translations.resize(1);
  translated.fault = std::move(fault);
}

bool Call::tell(std::size_t source, std::span<const int> tokens) const {
  TranslationStep step;
  step.sentence = sources.places[source];
  const Detokenizer detokenizer = this->detokenizer(source);
  for (const int token : tokens) step.tokens.push_back(detokenizer.token(token));
  bundle.target.options().turn(step.tokens);
  step.text = bundle.target.join(step.tokens);
  return options.on_step(step);
}

Detokenizer Call::detokenizer(std::size_t source) const {
  return {bundle.target, sources.extended.empty() ? nullptr : &sources.extended[source], options,
          out[sources.places[source]]};
}

/// Adds what was found for a source to its answer.
void Call::add(std::size_t source, std::vector<Hypothesis> found, SearchTrace trace) const {
  if (found.empty()) return refuse(source, "no answer was found that keeps to the constraints within the length limit");
  Translated& translated = out[sources.places[source]];
  const Detokenizer detokenizer = this->detokenizer(source);
  for (Hypothesis& hypothesis : found) {
    Translation& added = translated.translations.emplace_back(detokenizer.translation(std::move(hypothesis), layers));
    sources.name_tokens(source, added.attention_members);
    if (!added.attention_layers.empty()) translated.attention_names = layers.front().names;
  }
  for (const TracedCandidate& candidate : trace.candidates) {
    translated.trace_tokens.push_back(detokenizer.token(candidate.token));
  }
  translated.trace = std::move(trace);
}

}  // namespace

Translator::~Translator() = default;

Translator::Translator(std::vector<Bundle> bundles, EnsembleOptions ensemble)
    : bundles_(std::move(bundles)),
      ensemble_(std::move(ensemble)),
      readers_(std::make_unique<Readers>(bundles_, ensemble_)),
      texts_(std::make_unique<TokenTextsOnce>()),
      scorers_(std::make_unique<ScorerPool>()) {}

OutputLimit Translator::output_limit() const {
  OutputLimit limit = bundle().config.data.output_limit();
  for (const Bundle& bundle : bundles_) limit = OutputLimit::widest(limit, bundle.config.data.output_limit());
  return limit;
}

std::vector<Translated> Translator::translate(std::span<const std::string> sentences, const TranslateOptions& options,
                                              std::span<const FeatureValues> features,
                                              std::span<const OutputConstraints> constraints) const {
  check_options(options, bundles_, *readers_);
  if (!features.empty() && features.size() != sentences.size()) {
    throw UsageError(fmt::format("there are features of {} of {} sentences", features.size(), sentences.size()));
  }
  if (!constraints.empty() && constraints.size() != sentences.size()) {
    throw UsageError(fmt::format("there are constraints of {} of {} sentences", constraints.size(), sentences.size()));
  }
  std::vector<Translated> out(sentences.size());
  const Sources sources =
      read_sentences(*readers_, {sentences, features}, {options.max_source_tokens, options.stop}, out);
  const Call call{
      bundle(),
      options,
      sources,
      search_options(options, options.max_output.value_or(output_limit()), readers_->of_reading.front()->source),
      layers_of(bundles_),
      out,
      constraints,
      *texts_};
  const auto batches =
      cut_batches(sources.lengths, std::min(options.batch_sentences, sentences_at_once(rows_of_sentence(options))),
                  options.threads);
  // What a failed call was in the middle of is not used again: its scorers go with it.
  std::unique_ptr<PooledScorers> scorers =
      scorers_->take(std::clamp(static_cast<int>(batches.size()), 1, options.threads), options.threads);
  std::atomic<std::size_t> begun = 0;
  scorers->pool.run([&](int worker) {
    // The longest come first, so that all workers end at about the same time.
    for (std::size_t taken = 0; (taken = ++begun) <= batches.size();) {
      BatchScorer& scorer = scorers->of(worker, bundles_, ensemble_);
      scorer.set_shortlist(options.shortlist);
      call.translate(scorer, batches[batches.size() - taken]);
    }
  });
  scorers_->give_back(std::move(scorers));
  return out;
}

}  // namespace heed

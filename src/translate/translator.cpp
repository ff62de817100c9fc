#include "heed/translate/translator.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "attention_rows.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/model/context_entry.h"
#include "heed/model/seq2seq.h"
#include "heed/search/search.h"
#include "heed/tensor/worker_pool.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/dictionary.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/shortlist.h"
#include "work.h"

namespace heed {
namespace {

void check(const TranslateOptions& options) {
  const auto at_least_one = [](const char* name, int value) {
    if (value < 1) throw UsageError(fmt::format("{} is {}; it must be at least 1", name, value));
  };
  at_least_one("beam", options.beam);
  at_least_one("nbest", options.nbest);
  at_least_one("batch", options.batch_sentences);
  at_least_one("threads", options.threads);
  if (options.nbest > options.beam) {
    throw UsageError(fmt::format("nbest is {}; it can not be more than the beam, {}", options.nbest, options.beam));
  }
}

void check_shortlist(const Shortlist& shortlist, std::span<const Bundle> bundles) {
  if (bundles.size() > 1) {
    throw UsageError(fmt::format("a shortlist serves one model, not an ensemble of {}", bundles.size()));
  }
  check_serves_shortlist(*bundles.front().model);
  const int source = bundles.front().source.vocabulary_size();
  const int target = bundles.front().target.vocabulary_size();
  if (shortlist.source_vocabulary() == source && shortlist.target_vocabulary() == target) return;
  throw UsageError(
      fmt::format("the shortlist is of vocabularies of {} and {} tokens, those of the model have {} and {}",
                  shortlist.source_vocabulary(), shortlist.target_vocabulary(), source, target));
}

bool copies(std::span<const Bundle> bundles) {
  return std::any_of(bundles.begin(), bundles.end(), [](const Bundle& b) { return b.model->output_kind().copies; });
}

void check_replacing(std::span<const Bundle> bundles) {
  const auto attends = [](const Bundle& bundle) { return bundle.model->decoder().attends(); };
  if (std::none_of(bundles.begin(), bundles.end(), attends)) {
    throw UsageError("unknown words are replaced by attention, and the model has none (model.attention.kind: none)");
  }
  const std::string& source = bundles.front().source.options().tokenizer;
  const std::string& target = bundles.front().target.options().tokenizer;
  if (source != target) {
    throw UsageError(
        fmt::format("unknown words are replaced by source tokens, which the tokenizer {} of the source cuts in another "
                    "way than {} of the target",
                    source, target));
  }
}

/// Throws Error unless both sides give the same ids for the same text.
void check_same(const TextSide& a, const TextSide& b, const char* side) {
  const auto differ = [&](const std::string& how) {
    throw Error(
        ErrorKind::kModel,
        fmt::format("the models of an ensemble must share their vocabularies, but on the {} side {}", side, how));
  };
  if (a.options().tokenizer != b.options().tokenizer || a.options().lowercase != b.options().lowercase) {
    differ("they cut sentences in different ways");
  }
  if (a.vocabulary_size() != b.vocabulary_size()) {
    differ(fmt::format("one has {} tokens and the other {}", a.vocabulary_size(), b.vocabulary_size()));
  }
  for (int id = 0; id < a.vocabulary_size(); ++id) {
    if (a.token(id) != b.token(id)) differ(fmt::format("token {} is '{}' and '{}'", id, a.token(id), b.token(id)));
  }
}

SearchOptions search_options(const TranslateOptions& options, const OutputLimit& limit) {
  SearchOptions out;
  out.beam = options.beam;
  out.nbest = options.nbest;
  out.length_penalty = options.length_penalty;
  out.keep_attention = options.attention || options.replace_unknown;
  out.begin_token = Vocabulary::kBegin;
  out.end_token = Vocabulary::kEnd;
  out.forced_length = options.forced_length;
  out.max_length_factor = limit.ratio;
  out.max_length_extra = limit.extra;
  return out;
}

/// The ids that the model reads; `out` gets the sentence's tokens. Empty for a blank sentence.
std::vector<int> read_sentence(const TextSide& side, const std::string& sentence, int max_tokens, Translated& out,
                               std::vector<Piece>& pieces) {
  out.source = sentence;
  const std::string_view front = TextSide::front(sentence, max_tokens);
  Encoding encoding = side.encode(front);
  if (encoding.ids.empty()) {
    out.translations.resize(1);
    return {};
  }
  const auto limit = static_cast<std::size_t>(max_tokens);
  if (front.size() < sentence.size()) out.tokens_cut = 1;  // at least
  if (max_tokens > 0 && encoding.ids.size() > limit) {
    out.tokens_cut = static_cast<int>(encoding.ids.size() - limit);
    encoding.ids.resize(limit);
    encoding.pieces.resize(limit);
  }
  for (const Piece& piece : encoding.pieces) out.source_tokens.push_back(piece.text);
  out.source_tokens.push_back(side.token(Vocabulary::kEnd));
  out.source_ranges = ranges_of(encoding.pieces);
  out.source_ranges.emplace_back();
  pieces = std::move(encoding.pieces);
  return std::move(encoding.ids);
}

/// What is to be translated: sentences that are not blank, and where their answers go.
struct Sources {
  std::vector<std::vector<int>> ids;
  std::vector<int> lengths;
  std::vector<std::size_t> places;
  std::vector<ExtendedVocabulary> extended;  // of each, if a model copies
};

Sources read_sentences(std::span<const Bundle> bundles, std::span<const std::string> sentences, int max_tokens,
                       std::span<Translated> out) {
  Sources sources;
  const Bundle& bundle = bundles.front();
  const bool extend = copies(bundles);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::vector<int> ids = read_sentence(bundle.source, sentences[i], max_tokens, out[i], pieces);
    if (ids.empty()) {
      if (extend) out[i].translations.front().copied.emplace();
      continue;
    }
    if (extend) sources.extended.emplace_back(bundle.target, pieces);
    sources.places.push_back(i);
    sources.lengths.push_back(static_cast<int>(ids.size()));
    sources.ids.push_back(std::move(ids));
  }
  return sources;
}

/// How ids become words.
struct Wording {
  const TextSide& side;
  const ExtendedVocabulary* extended;  // nullptr: nothing is copied
  const TranslateOptions& options;
  const std::vector<std::string>& source_tokens;

  std::string word(const Hypothesis& hypothesis, std::size_t t) const {
    const int id = hypothesis.tokens[t];
    if (id == Vocabulary::kUnknown && options.replace_unknown) return replacement(hypothesis.attention[t].mean);
    return token(id);
  }
  std::string token(int id) const { return extended != nullptr ? extended->token(id) : side.token(id); }
  /// The word that a row looks at most. EOS is none.
  std::string replacement(const std::vector<float>& attention) const {
    const auto words = static_cast<std::ptrdiff_t>(source_tokens.size()) - 1;
    const auto most = std::max_element(attention.begin(), attention.begin() + words) - attention.begin();
    const std::string& token = source_tokens[static_cast<std::size_t>(most)];
    return options.dictionary == nullptr ? token : options.dictionary->translate(token);
  }
};

Translation to_translation(const Wording& wording, Hypothesis hypothesis, std::span<const int> heads) {
  Translation out;
  std::vector<std::string> words;
  for (std::size_t t = 0; t < hypothesis.tokens.size(); ++t) {
    out.tokens.push_back(wording.word(hypothesis, t));
    const int id = hypothesis.tokens[t];
    if (id != Vocabulary::kBegin && id != Vocabulary::kEnd) words.push_back(out.tokens.back());
  }
  Joined joined = wording.side.join_pieces(words);
  out.text = std::move(joined.text);
  auto range = joined.ranges.begin();
  for (const int id : hypothesis.tokens) {
    const bool is_mark = id == Vocabulary::kBegin || id == Vocabulary::kEnd;
    out.ranges.push_back(is_mark ? ByteRange() : *range++);
  }
  if (wording.extended != nullptr) {
    out.copied.emplace();
    for (std::size_t t = 0; t < hypothesis.copied.size(); ++t) {
      if (hypothesis.copied[t]) out.copied->push_back(static_cast<int>(t));
    }
  }
  out.cut = hypothesis.cut;
  out.score = hypothesis.score;
  out.log_probability = hypothesis.log_probability;
  if (!wording.options.attention) return out;
  for (AttentionRow& row : hypothesis.attention) {
    add_attention(std::move(row), heads, out.attention, out.attention_layers);
  }
  return out;
}

void keep_trace(const Wording& wording, SearchTrace trace, Translated& out) {
  for (const TracedCandidate& candidate : trace.candidates) out.trace_tokens.push_back(wording.token(candidate.token));
  out.trace = std::move(trace);
}

std::unique_ptr<BatchScorer> make_scorer(std::span<const Bundle> bundles) {
  if (bundles.size() == 1) return std::make_unique<ModelScorer>(*bundles.front().model);
  std::vector<const Seq2Seq*> models;
  for (const Bundle& bundle : bundles) models.push_back(bundle.model.get());
  return std::make_unique<EnsembleScorer>(models);
}

}  // namespace

// Threads with their scorers, which keep compiled products and memory from one call to the next. A call takes one for
// itself, so that calls from several threads do not meet.
class Translator::ScorerPool {
 public:
  struct PooledScorers {
    explicit PooledScorers(int threads) : pool(threads), scorers(static_cast<std::size_t>(threads)) {}
    WorkerPool pool;
    std::vector<std::unique_ptr<BatchScorer>> scorers;  // of each worker, made when it is first needed
  };

  ScorerPool() = default;
  ScorerPool(const ScorerPool&) = delete;
  ScorerPool& operator=(const ScorerPool&) = delete;
  ~ScorerPool() { leave_to_parent(); }

  std::unique_ptr<PooledScorers> take(int threads) {
    const std::lock_guard lock(mutex_);
    leave_to_parent();
    for (auto bench = free_.begin(); bench != free_.end(); ++bench) {
      if ((*bench)->pool.size() != threads) continue;
      std::unique_ptr<PooledScorers> out = std::move(*bench);
      free_.erase(bench);
      return out;
    }
    return std::make_unique<PooledScorers>(threads);
  }
  /// ScorerPool of another size are not kept: who varies the threads would be left with all of them.
  void give_back(std::unique_ptr<PooledScorers> bench) {
    std::vector<std::unique_ptr<PooledScorers>> others;  // end when the lock is gone
    const std::lock_guard lock(mutex_);
    for (auto& each : free_) {
      if (each->pool.size() != bench->pool.size()) others.push_back(std::move(each));
    }
    std::erase(free_, nullptr);
    free_.push_back(std::move(bench));
  }

 private:
  // After a fork the child has the benches but not their threads: it must neither use nor join them.
  void leave_to_parent() {
    if (getpid() == owner_) return;
    for (auto& bench : free_) [[maybe_unused]] PooledScorers* const left = bench.release();
    free_.clear();
    owner_ = getpid();
  }

  std::mutex mutex_;
  pid_t owner_ = getpid();
  std::vector<std::unique_ptr<PooledScorers>> free_;
};

Translator::~Translator() = default;

Translator::Translator(std::vector<Bundle> bundles)
    : bundles_(std::move(bundles)), scorers_(std::make_unique<ScorerPool>()) {
  if (bundles_.empty()) throw UsageError("no model is given");
  for (const Bundle& bundle : bundles_) {
    check_same(bundles_.front().source, bundle.source, "source");
    check_same(bundles_.front().target, bundle.target, "target");
  }
}

OutputLimit Translator::output_limit() const {
  OutputLimit limit = bundle().config.data.output_limit();
  for (const Bundle& bundle : bundles_) limit = OutputLimit::widest(limit, bundle.config.data.output_limit());
  return limit;
}

std::vector<Translated> Translator::translate(std::span<const std::string> sentences,
                                              const TranslateOptions& options) const {
  check(options);
  if (options.shortlist != nullptr) check_shortlist(*options.shortlist, bundles_);
  if (options.replace_unknown) check_replacing(bundles_);
  std::vector<Translated> out(sentences.size());
  const Sources sources = read_sentences(bundles_, sentences, options.max_source_tokens, out);
  const SearchOptions how = search_options(options, options.max_output.value_or(output_limit()));
  const std::vector<int> heads = bundle().model->decoder().attention_heads();
  const std::vector<std::string> names = attention_layer_names(bundle().config.model);
  const auto work = [&](BatchScorer& scorer, const std::vector<int>& batch) {
    std::vector<std::vector<int>> batch_sources;
    std::vector<std::vector<int>> batch_copies;
    std::vector<int> batch_lengths;
    for (const int index : batch) {
      batch_sources.push_back(sources.ids[index]);
      batch_lengths.push_back(sources.lengths[index] + 1);  // with EOS
      if (!sources.extended.empty()) batch_copies.push_back(sources.extended[index].source_ids());
    }
    scorer.start(batch_sources, batch_copies);
    std::vector<SearchTrace> traces;
    auto found = run_search(scorer, batch_lengths, how, options.trace ? &traces : nullptr);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Translated& translated = out[sources.places[batch[i]]];
      const Wording wording{bundle().target, sources.extended.empty() ? nullptr : &sources.extended[batch[i]], options,
                            translated.source_tokens};
      for (Hypothesis& hypothesis : found[i]) {
        translated.translations.push_back(to_translation(wording, std::move(hypothesis), heads));
        if (!translated.translations.back().attention_layers.empty()) translated.attention_names = names;
      }
      if (options.trace) keep_trace(wording, std::move(traces[i]), translated);
    }
  };
  const auto batches = cut_batches(sources.lengths, options.batch_sentences, options.threads);
  // What a failed call was in the middle of is not used again: its bench goes with it.
  std::unique_ptr<ScorerPool::PooledScorers> bench = scorers_->take(options.threads);
  bench->pool.run([&](int worker) {
    std::unique_ptr<BatchScorer>& scorer = bench->scorers[static_cast<std::size_t>(worker)];
    for (auto b = static_cast<std::size_t>(worker); b < batches.size(); b += bench->scorers.size()) {
      if (scorer == nullptr) scorer = make_scorer(bundles_);
      scorer->set_shortlist(options.shortlist);
      work(*scorer, batches[b]);
    }
  });
  scorers_->give_back(std::move(bench));
  return out;
}

}  // namespace heed

#include "heed/translate/translator.h"

#include <algorithm>
#include <memory>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/translate/model_scorer.h"
#include "work.h"

namespace heed {
namespace {

bool is_blank(std::string_view sentence) {
  const auto chars = utf8::chars(sentence);
  return std::all_of(chars.begin(), chars.end(), [](std::string_view c) { return utf8::is_space(utf8::decode(c)); });
}

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

/// Throws Error unless both sides give the same ids for the same text.
void check_same(const TextSide& a, const TextSide& b, const char* side) {
  const auto differ = [&](const std::string& how) {
    throw Error(
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

SearchOptions search_options(const TranslateOptions& options) {
  SearchOptions out;
  out.beam = options.beam;
  out.nbest = options.nbest;
  out.length_penalty = options.length_penalty;
  out.keep_attention = options.attention;
  out.begin_token = Vocabulary::kBegin;
  out.end_token = Vocabulary::kEnd;
  out.forced_length = options.forced_length;
  return out;
}

/// The ids that the model reads; `out` gets the sentence's tokens. Empty for a blank sentence.
std::vector<int> read_sentence(const TextSide& side, const std::string& sentence, int max_tokens, Translated& out) {
  out.source = sentence;
  Encoding encoding = side.encode(sentence);
  if (encoding.ids.empty() || is_blank(sentence)) {
    out.translations.resize(1);
    return {};
  }
  const auto limit = static_cast<std::size_t>(max_tokens);
  if (max_tokens > 0 && encoding.ids.size() > limit) {
    out.tokens_cut = static_cast<int>(encoding.ids.size() - limit);
    encoding.ids.resize(limit);
    encoding.pieces.resize(limit);
  }
  for (Piece& piece : encoding.pieces) out.source_tokens.push_back(std::move(piece.text));
  out.source_tokens.push_back(side.token(Vocabulary::kEnd));
  return std::move(encoding.ids);
}

Translation to_translation(const TextSide& side, Hypothesis hypothesis) {
  Translation out;
  out.text = side.decode(hypothesis.tokens);
  for (const int id : hypothesis.tokens) out.tokens.push_back(side.token(id));
  out.score = hypothesis.score;
  out.log_probability = hypothesis.log_probability;
  out.attention = std::move(hypothesis.attention);
  return out;
}

std::unique_ptr<BatchScorer> make_scorer(std::span<const Bundle> bundles) {
  if (bundles.size() == 1) return std::make_unique<ModelScorer>(*bundles.front().model);
  std::vector<const Seq2Seq*> models;
  for (const Bundle& bundle : bundles) models.push_back(bundle.model.get());
  return std::make_unique<EnsembleScorer>(models);
}

}  // namespace

Translator::Translator(std::vector<Bundle> bundles) : bundles_(std::move(bundles)) {
  if (bundles_.empty()) throw UsageError("no model is given");
  for (const Bundle& bundle : bundles_) {
    check_same(bundles_.front().source, bundle.source, "source");
    check_same(bundles_.front().target, bundle.target, "target");
  }
}

std::vector<Translated> Translator::translate(std::span<const std::string> sentences,
                                              const TranslateOptions& options) const {
  check(options);
  std::vector<Translated> out(sentences.size());
  std::vector<std::vector<int>> sources;
  std::vector<std::size_t> places;  // of each source in the answer
  std::vector<int> lengths;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::vector<int> ids = read_sentence(bundle().source, sentences[i], options.max_source_tokens, out[i]);
    if (ids.empty()) continue;
    places.push_back(i);
    lengths.push_back(static_cast<int>(ids.size()));
    sources.push_back(std::move(ids));
  }

  const SearchOptions how = search_options(options);
  const auto make_worker = [&]() -> BatchWork {
    std::shared_ptr<BatchScorer> scorer = make_scorer(bundles_);
    return [&, scorer](const std::vector<int>& batch) {
      std::vector<std::vector<int>> batch_sources;
      std::vector<int> batch_lengths;
      for (const int index : batch) {
        batch_sources.push_back(sources[index]);
        batch_lengths.push_back(lengths[index] + 1);  // with the end mark
      }
      scorer->start(batch_sources);
      auto found = search(*scorer, batch_lengths, how);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& translations = out[places[batch[i]]].translations;
        for (Hypothesis& hypothesis : found[i]) {
          translations.push_back(to_translation(bundle().target, std::move(hypothesis)));
        }
      }
    };
  };
  run_batches(cut_batches(lengths, options.batch_sentences, options.threads), options.threads, make_worker);
  return out;
}

}  // namespace heed

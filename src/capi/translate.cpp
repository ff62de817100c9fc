#include <cmath>
#include <initializer_list>
#include <mutex>
#include <utility>

#include "fmt/format.h"
#include "guarded.h"
#include "heed/base/stop.h"
#include "inputs.h"

using namespace heed::capi;  // NOLINT(google-build-using-namespace): the functions of heed.h stand in none

namespace {

heed_translate_options default_options() {
  const heed::TranslateOptions options;
  const heed::Sampling drawing;
  heed_translate_options out = {};
  out.beam = options.beam;
  out.nbest = options.nbest;
  out.batch = options.batch_sentences;
  out.threads = options.threads;
  out.max_source_tokens = options.max_source_tokens;
  out.max_output_ratio = -1;
  out.length_penalty = options.ranking.length_penalty;
  out.repetition_penalty = options.repetition_penalty;
  out.top_p = drawing.top_p;
  out.seed = drawing.seed;
  return out;
}

void check_not_negative(std::initializer_list<std::pair<const char*, double>> numbers) {
  for (const auto& [name, number] : numbers) {
    if (!(number >= 0) || std::isinf(number))
      throw heed::UsageError(fmt::format("{} is {}; it must be finite and not negative", name, number));
  }
}

void check_numbers(const heed_translate_options& given) {
  check_not_negative({{"no_repeat_ngram", given.no_repeat_ngram},
                      {"max_source_tokens", given.max_source_tokens},
                      {"max_output_extra", given.max_output_extra},
                      {"top_k", given.top_k},
                      {"length_penalty", given.length_penalty},
                      {"repetition_penalty", given.repetition_penalty},
                      {"temperature", given.temperature},
                      {"top_p", given.top_p},
                      {"min_p", given.min_p}});
  if (given.max_output_ratio != -1) check_not_negative({{"max_output_ratio", given.max_output_ratio}});
}

const std::atomic<bool>* stop_of(const heed_cancellation* cancellation) {
  return cancellation == nullptr ? nullptr : &checked(cancellation).cancelled;
}

heed::TranslateOptions options_of(const heed_translate_options& given) {
  check_numbers(given);
  heed::TranslateOptions out;
  out.beam = given.beam;
  out.nbest = given.nbest;
  out.batch_sentences = given.batch;
  out.threads = given.threads;
  out.attention = given.attention != 0;
  out.token_scores = given.token_scores != 0;
  out.replace_unknown = given.replace_unknown != 0;
  out.forbid_unknown = given.forbid_unknown != 0;
  out.no_repeat_ngram = given.no_repeat_ngram;
  out.max_source_tokens = given.max_source_tokens;
  out.repetition_penalty = given.repetition_penalty;
  out.ranking.length_penalty = given.length_penalty;
  out.stop = stop_of(given.cancellation);
  if (given.max_output_ratio >= 0) {
    out.max_output = heed::OutputLimit{.ratio = given.max_output_ratio, .extra = given.max_output_extra};
  }
  if (given.temperature > 0) {
    out.sampling = heed::Sampling{.temperature = given.temperature,
                                  .top_k = given.top_k,
                                  .top_p = given.top_p,
                                  .min_p = given.min_p,
                                  .seed = given.seed};
  }
  return out;
}

/// Tells a caller of steps.
class Listener {
 public:
  explicit Listener(const heed_translate_options& given) : given_(given) {}
  bool operator()(const heed::TranslationStep& step) {
    std::vector<heed_text> tokens;
    for (const std::string& token : step.tokens) tokens.push_back(text_of(token));
    const heed_step told = {step.sentence, text_of(step.text), tokens.data(), tokens.size()};
    const std::lock_guard lock(mutex_);
    heed::check_stop(stop_of(given_.cancellation));
    return given_.on_step(&told, given_.user) == 0;
  }

 private:
  const heed_translate_options& given_;
  std::mutex mutex_;
};

heed::ScoreOptions options_of(const heed_pair_options& given) {
  check_not_negative({{"max_length", given.max_length},
                      {"layer", given.layer},
                      {"head", given.head},
                      {"shift", given.shift},
                      {"threshold", given.threshold}});
  heed::ScoreOptions out;
  out.batch_sentences = given.batch;
  out.threads = given.threads;
  out.attention = given.attention != 0;
  out.max_length = given.max_length;
  out.stop = stop_of(given.cancellation);
  return out;
}

std::vector<heed::Translated> score(const heed_model& model, const heed_pair* pairs, size_t count,
                                    const heed::ScoreOptions& options) {
  heed::check_stop(options.stop);
  check_array("pairs", pairs, count);
  std::vector<heed::SentencePair> given;
  for (size_t i = 0; i < count; ++i) given.push_back(given_pair(pairs[i], i, options));
  return heed::score_pairs(model.translator.bundle(), given, options);
}

void check_choice(const heed_model& model, const heed_pair_options& given) {
  const int32_t layers = heed_model_layers(&model);
  if (layers == 0) throw heed::UsageError("the model does not attend: no links");
  if (given.layer > layers)
    throw heed::UsageError(fmt::format("layer is {}; the model's attention has {}", given.layer, layers));
  const int32_t heads = heed_model_heads(&model, given.layer);
  if (given.head > heads)
    throw heed::UsageError(fmt::format("head is {}; the model's attention has {}", given.head, heads));
}

std::vector<heed_link> links_of(const heed::Translated& scored, const heed_pair_options& options) {
  const heed::Translation& target = scored.translations.front();
  heed::AttentionChoice choice = {.shift = options.shift};
  if (!target.attention_layers.empty()) {  // there are more than one layer with one head
    choice.layer = options.layer;
    choice.head = options.head;
  }
  const heed::WordAttention words = heed::word_attention(scored, target, choice);
  std::vector<heed_link> out;
  for (const heed::Link& link : heed::align_words(words, static_cast<float>(options.threshold)))
    out.push_back({link.source, link.target});
  return out;
}

}  // namespace

heed_error* heed_cancellation_create(heed_cancellation** out) {
  return guarded(out, [] { return std::make_unique<heed_cancellation>(); });
}
void heed_cancel(heed_cancellation* cancellation) {
  if (cancellation != nullptr) checked(cancellation).cancelled = true;
}
void heed_cancellation_free(heed_cancellation* cancellation) { free_handle(cancellation); }

void heed_translate_options_init(heed_translate_options* options, size_t size) {
  init_options(options, size, default_options());
}

heed_error* heed_translate(const heed_model* model, const heed_text* sentences, size_t count,
                           const heed_translate_options* options, heed_result** out) {
  return guarded(out, [&] {
    const heed::Translator& translator = given_model(model).translator;
    const heed_translate_options given = given_options(options, heed_translate_options_init);
    Listener listener(given);
    heed::TranslateOptions how = options_of(given);
    heed::check_stop(how.stop);
    if (given.on_step != nullptr) how.on_step = std::ref(listener);
    return std::make_unique<heed_result>(translator.translate(given_texts("sentences", sentences, count), how));
  });
}

void heed_pair_options_init(heed_pair_options* options, size_t size) {
  const heed::ScoreOptions defaults;
  heed_pair_options out = {};
  out.batch = defaults.batch_sentences;
  out.threads = defaults.threads;
  out.max_length = defaults.max_length;
  init_options(options, size, out);
}

heed_error* heed_score(const heed_model* model, const heed_pair* pairs, size_t count, const heed_pair_options* options,
                       heed_result** out) {
  return guarded(out, [&] {
    const heed_pair_options given = given_options(options, heed_pair_options_init);
    return std::make_unique<heed_result>(score(given_model(model), pairs, count, options_of(given)));
  });
}

heed_error* heed_align(const heed_model* model, const heed_pair* pairs, size_t count, const heed_pair_options* options,
                       heed_result** out) {
  return guarded(out, [&] {
    const heed_pair_options given = given_options(options, heed_pair_options_init);
    heed::ScoreOptions how = options_of(given);
    check_choice(given_model(model), given);
    how.attention = true;
    std::vector<heed::Translated> scored = score(*model, pairs, count, how);
    std::vector<std::vector<heed_link>> links;
    links.reserve(scored.size());
    for (const heed::Translated& each : scored) links.push_back(links_of(each, given));
    auto result = std::make_unique<heed_result>(std::move(scored));
    for (size_t i = 0; i < count; ++i) result->sentences[i].links = std::move(links[i]);
    return result;
  });
}

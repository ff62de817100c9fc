#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "heed.h"
#include "heed/base/version.h"
#include "heed/metrics/registry.h"
#include "model_files.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

template <auto kFree>
struct Freed {
  template <typename Type>
  void operator()(Type* handle) const {
    kFree(handle);
  }
};
using Model = std::unique_ptr<heed_model, Freed<heed_model_free>>;
using Result = std::unique_ptr<heed_result, Freed<heed_result_free>>;

Model open_model(const ModelFiles& files) {
  heed_model* model = nullptr;
  EXPECT_EQ(said(open_files(files, &model)), "");
  return Model(model);
}

const Model& toy_model() {
  static const Model model = open_model(toy_files());
  return model;
}

heed_translate_options translate_options() {
  heed_translate_options out;
  heed_translate_options_init(&out, sizeof out);
  return out;
}

Result translate(const heed_model* model, const std::vector<std::string>& sentences,
                 const heed_translate_options* options = nullptr) {
  std::vector<heed_text> texts;
  for (const std::string& sentence : sentences) texts.push_back(view(sentence));
  heed_result* result = nullptr;
  EXPECT_EQ(said(heed_translate(model, texts.data(), texts.size(), options, &result)), "");
  return Result(result);
}

std::string texts_of(const Result& result) {
  std::string out;
  for (std::size_t i = 0; i < heed_result_count(result.get()); ++i)
    out += copy(heed_result_text(result.get(), i, 0)) + "\n";
  return out;
}

Bundle bundle_of(const ModelFiles& files) {
  std::vector<NamedBytes> named;
  for (const auto& [name, content] : files) named.push_back({name, content});
  return Bundle::load(Folder::of_memory(named));
}

TEST(Capi, VersionsAreThoseOfTheHeader) {
  EXPECT_STREQ(heed_version(), kVersion);
  EXPECT_EQ(heed_abi_version(), HEED_ABI_VERSION);
}

TEST(Capi, AnswersAreThoseOfCpp) {
  const ModelFiles files = toy_files();
  const Translator translator({bundle_of(files)});
  const std::vector<std::string> sentences = toy_sentences(5);
  heed_translate_options options = translate_options();
  options.nbest = 3;
  options.attention = options.token_scores = 1;
  const Result result = translate(toy_model().get(), sentences, &options);
  const auto expected = translator.translate(sentences, {.nbest = 3, .attention = true, .token_scores = true});
  ASSERT_EQ(heed_result_count(result.get()), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(heed_result_answer_count(result.get(), i), 3U);
    const Translated& translated = expected[i];
    ASSERT_EQ(heed_result_source_token_count(result.get(), i), translated.source_tokens.size());
    EXPECT_EQ(copy(heed_result_source_token(result.get(), i, 0).text), translated.source_tokens[0]);
    EXPECT_EQ(heed_result_source_token(result.get(), i, 0).begin, translated.source_ranges[0].begin);
    const heed_token end = heed_result_source_token(result.get(), i, translated.source_tokens.size() - 1);
    EXPECT_EQ(std::pair(end.begin, end.end), std::pair(HEED_UNKNOWN, HEED_UNKNOWN));
    for (std::size_t n = 0; n < 3; ++n) {
      const Translation& answer = translated.translations[n];
      EXPECT_EQ(copy(heed_result_text(result.get(), i, n)), answer.text);
      EXPECT_EQ(heed_result_score(result.get(), i, n), answer.score);
      EXPECT_EQ(heed_result_log_probability(result.get(), i, n), answer.log_probability);
      EXPECT_EQ(heed_result_is_cut(result.get(), i, n), answer.cut ? 1 : 0);
      ASSERT_EQ(heed_result_token_count(result.get(), i, n), answer.tokens.size());
      std::size_t target = 0, source = 0;
      const float* weights = heed_result_attention(result.get(), i, n, &target, &source);
      ASSERT_EQ(target, answer.tokens.size());
      ASSERT_EQ(source, translated.source_tokens.size());
      for (std::size_t t = 0; t < target; ++t) {
        const heed_token token = heed_result_token(result.get(), i, n, t);
        EXPECT_EQ(copy(token.text), answer.tokens[t]);
        EXPECT_EQ(token.log_probability, answer.log_probabilities[t]);
        const bool has_bytes = answer.cut || t + 1 < target;  // else it is the end of sentence
        EXPECT_EQ(token.begin, has_bytes ? answer.ranges[t].begin : HEED_UNKNOWN);
        EXPECT_EQ(token.end, has_bytes ? answer.ranges[t].end : HEED_UNKNOWN);
        for (std::size_t s = 0; s < source; ++s) EXPECT_EQ(weights[t * source + s], answer.attention[t][s]);
      }
    }
  }
}

TEST(Capi, WhatIsNotThereIsEmpty) {
  const Result result = translate(toy_model().get(), {"3 4"});
  std::size_t target = 7, source = 7;
  EXPECT_EQ(heed_result_attention(result.get(), 0, 0, &target, &source), nullptr);  // not asked for
  EXPECT_EQ(target + source, 0U);
  EXPECT_EQ(heed_result_attention(result.get(), 1, 0, &target, &source), nullptr);
  EXPECT_EQ(heed_result_text(result.get(), 0, 1).length, 0U);
  EXPECT_STREQ(heed_result_text(result.get(), 5, 0).data, "");
  EXPECT_STREQ(heed_result_token(result.get(), 0, 0, 999).text.data, "");
  EXPECT_EQ(heed_result_token_count(result.get(), 0, 9), 0U);
  EXPECT_EQ(heed_result_token(result.get(), 0, 0, 999).begin, HEED_UNKNOWN);
  EXPECT_TRUE(std::isnan(heed_result_token(result.get(), 0, 0, 0).log_probability));
  EXPECT_EQ(heed_result_source_token(result.get(), 0, 99).text.length, 0U);
  EXPECT_EQ(heed_result_links(result.get(), 0, &target), nullptr);
  EXPECT_EQ(heed_result_fault(result.get(), 0).length, 0U);
  EXPECT_EQ(heed_result_tokens_cut(result.get(), 0), 0U);
}

TEST(Capi, NullHasNothing) {
  EXPECT_EQ(heed_error_code(nullptr), HEED_OK);
  EXPECT_STREQ(heed_error_message(nullptr).data, "");
  EXPECT_EQ(heed_error_index(nullptr), HEED_UNKNOWN);
  EXPECT_EQ(heed_model_attends(nullptr) + heed_model_layers(nullptr) + heed_model_heads(nullptr, 0), 0);
  heed_cancel(nullptr);
  heed_translate_options_init(nullptr, sizeof(heed_translate_options));
  std::size_t target = 7, source = 7;
  EXPECT_EQ(heed_result_attention(nullptr, 0, 0, &target, &source), nullptr);
  EXPECT_EQ(heed_result_links(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(target + source, 0U);
  EXPECT_EQ(heed_result_count(nullptr) + heed_result_answer_count(nullptr, 0), 0U);
  EXPECT_STREQ(heed_result_text(nullptr, 0, 0).data, "");
  EXPECT_EQ(heed_evaluation_value(nullptr), 0);
  EXPECT_EQ(heed_evaluation_detail_count(nullptr), 0U);
  EXPECT_EQ(heed_evaluation_signature(nullptr).length + heed_evaluation_detail_name(nullptr, 0).length, 0U);
  heed_translate_options options = translate_options();
  options.attention = 1;
  const Result result = translate(toy_model().get(), {"3 4"}, &options);
  EXPECT_NE(heed_result_attention(result.get(), 0, 0, nullptr, nullptr), nullptr);
}

TEST(Capi, AnErrorNamesTheSentence) {
  const std::vector<heed_text> sentences = {{"3", 1}, {"4", 1}, {"3 \xff", 3}}, null = {{"3", 1}, {nullptr, 2}};
  const std::vector<heed_pair> pairs = {{sentences[0], sentences[0]}, {sentences[0], sentences[2]}};
  heed_result* result = nullptr;
  const auto index_and_text = [](heed_error* error) {
    const auto index = static_cast<long>(heed_error_index(error));
    return std::to_string(index) + " " + said(error);
  };
  const heed_model* model = toy_model().get();
  EXPECT_THAT(index_and_text(heed_translate(model, sentences.data(), 3, nullptr, &result)),
              StartsWith("2 2 sentence 2: invalid UTF-8 at byte 3"));
  EXPECT_THAT(index_and_text(heed_translate(model, null.data(), 2, nullptr, &result)),
              StartsWith("1 1 sentence 1: a text"));
  EXPECT_THAT(index_and_text(heed_score(model, pairs.data(), 2, nullptr, &result)),
              StartsWith("1 2 target:2: invalid UTF-8 at byte 3"));
  EXPECT_THAT(index_and_text(heed_translate(nullptr, sentences.data(), 3, nullptr, &result)),
              StartsWith("-1 1 a handle"));
}

TEST(Capi, WrongNumbersAreErrorsByTheirNames) {
  const heed_text sentence = {"3", 1};
  const heed_pair pair = {sentence, sentence};
  heed_result* result = nullptr;
  for (const double wrong : {std::nan(""), -2.0, HUGE_VAL}) {
    const auto refuses = [&](double heed_translate_options::*number, const std::string& name) {
      heed_translate_options options = translate_options();
      options.*number = wrong;
      EXPECT_THAT(said(heed_translate(toy_model().get(), &sentence, 1, &options, &result)), StartsWith("1 " + name));
    };
    refuses(&heed_translate_options::max_output_ratio, "max_output_ratio is");
    refuses(&heed_translate_options::length_penalty, "length_penalty is");
    refuses(&heed_translate_options::repetition_penalty, "repetition_penalty is");
    refuses(&heed_translate_options::temperature, "temperature is");
    refuses(&heed_translate_options::top_p, "top_p is");
    refuses(&heed_translate_options::min_p, "min_p is");
    for (double heed_pair_options::*number : {&heed_pair_options::shift, &heed_pair_options::threshold}) {
      heed_pair_options options;
      heed_pair_options_init(&options, sizeof options);
      options.*number = wrong;
      EXPECT_THAT(said(heed_align(toy_model().get(), &pair, 1, &options, &result)), HasSubstr("must be a number"));
    }
  }
  for (std::int32_t heed_translate_options::*number :
       {&heed_translate_options::no_repeat_ngram, &heed_translate_options::max_source_tokens,
        &heed_translate_options::max_output_extra, &heed_translate_options::top_k}) {
    heed_translate_options options = translate_options();
    options.*number = -1;
    EXPECT_THAT(said(heed_translate(toy_model().get(), &sentence, 1, &options, &result)), HasSubstr("is -1; it must"));
  }
}

TEST(Capi, OptionsReachTheSearch) {
  heed_translate_options options = translate_options();
  options.max_source_tokens = 2;
  options.max_output_ratio = 0;
  options.max_output_extra = 3;
  options.beam = 1;
  const Result cut = translate(toy_model().get(), {"3 4 5 6 7"}, &options);
  EXPECT_EQ(heed_result_tokens_cut(cut.get(), 0), 3U);
  EXPECT_LE(heed_result_token_count(cut.get(), 0, 0), 3U);
  options = translate_options();
  options.temperature = 3;
  options.nbest = 4;
  const std::string drawn = texts_of(translate(toy_model().get(), toy_sentences(3), &options));
  options.seed = 2;
  EXPECT_NE(texts_of(translate(toy_model().get(), toy_sentences(3), &options)), drawn);
}

TEST(Capi, CallbackHearsOfTokensAndEndsASentence) {
  struct Heard {
    std::size_t steps = 0, tokens = 0;
  } heard;
  heed_translate_options options = translate_options();
  options.beam = 1;
  options.user = &heard;
  options.on_step = [](const heed_step* step, void* user) -> int32_t {
    auto* to = static_cast<Heard*>(user);
    ++to->steps;
    to->tokens = step->token_count;
    EXPECT_EQ(step->sentence, 0U);
    EXPECT_NE(step->text.data, nullptr);
    return step->token_count >= 2 ? 1 : 0;
  };
  const Result result = translate(toy_model().get(), {"3 9 4 12 7 15"}, &options);
  EXPECT_EQ(heard.steps, 2U);
  EXPECT_EQ(heard.tokens, 2U);
  EXPECT_EQ(heed_result_is_cut(result.get(), 0, 0), 1);
  EXPECT_EQ(heed_result_token_count(result.get(), 0, 0), 2U);
}

TEST(Capi, CancellationEndsACall) {
  heed_cancellation* cancellation = nullptr;
  ASSERT_EQ(said(heed_cancellation_create(&cancellation)), "");
  heed_translate_options options = translate_options();
  options.cancellation = cancellation;
  options.user = cancellation;
  options.on_step = [](const heed_step*, void* user) -> int32_t {
    heed_cancel(static_cast<heed_cancellation*>(user));  // as another thread might
    return 0;
  };
  const std::vector<heed_text> sentences(8, {"3 4 5", 5});
  heed_result* result = nullptr;
  for (const int threads : {2, 1}) {
    options.threads = options.batch = threads;
    EXPECT_EQ(said(heed_translate(toy_model().get(), sentences.data(), 8, &options, &result)), "6 cancelled");
  }
  EXPECT_EQ(result, nullptr);
  heed_cancellation_free(cancellation);
  EXPECT_NE(texts_of(translate(toy_model().get(), {"3 4 5"})), "");  // the model serves on
}

TEST(Capi, CancellationAloneEndsACall) {
  heed_cancellation* cancellation = nullptr;
  ASSERT_EQ(said(heed_cancellation_create(&cancellation)), "");
  heed_translate_options options = translate_options();
  heed_pair_options of_pairs;
  heed_pair_options_init(&of_pairs, sizeof of_pairs);
  options.cancellation = of_pairs.cancellation = cancellation;
  const std::vector<std::string> sentences = toy_sentences(3);
  EXPECT_EQ(texts_of(translate(toy_model().get(), sentences, &options)),
            texts_of(translate(toy_model().get(), sentences)));
  const heed_text sentence = {"3 4 5", 5};
  const heed_pair pair = {sentence, sentence};
  heed_result* result = nullptr;
  EXPECT_EQ(said(heed_score(toy_model().get(), &pair, 1, &of_pairs, &result)), "");
  heed_result_free(std::exchange(result, nullptr));
  heed_cancel(cancellation);
  EXPECT_EQ(said(heed_translate(toy_model().get(), &sentence, 1, &options, &result)), "6 cancelled");
  EXPECT_EQ(said(heed_score(toy_model().get(), &pair, 1, &of_pairs, &result)), "6 cancelled");
  EXPECT_EQ(said(heed_align(toy_model().get(), &pair, 1, &of_pairs, &result)), "6 cancelled");
  EXPECT_EQ(result, nullptr);
  heed_cancellation_free(cancellation);
}

TEST(Capi, ThreadsShareAModel) {
  const std::vector<std::string> sentences = toy_sentences(12);
  const std::string expected = texts_of(translate(toy_model().get(), sentences));
  std::vector<std::string> answers(3);
  std::vector<std::thread> threads;
  for (std::string& answer : answers)
    threads.emplace_back([&] { answer = texts_of(translate(toy_model().get(), sentences)); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, expected);
}

TEST(Capi, ScoresAndAligns) {
  const std::string source = "3 4 5", target = "6 7";
  const heed_pair pair = {view(source), view(target)};
  heed_result* made = nullptr;
  ASSERT_EQ(said(heed_score(toy_model().get(), &pair, 1, nullptr, &made)), "");
  const Result scored(made);
  double sum = 0;
  ASSERT_EQ(heed_result_token_count(scored.get(), 0, 0), 3U);
  for (std::size_t t = 0; t < 3; ++t) sum += heed_result_token(scored.get(), 0, 0, t).log_probability;
  EXPECT_NEAR(heed_result_log_probability(scored.get(), 0, 0), sum, 1e-9);
  EXPECT_LT(sum, 0);
  ASSERT_EQ(said(heed_align(toy_model().get(), &pair, 1, nullptr, &made)), "");
  const Result aligned(made);
  std::size_t count = 0;
  const heed_link* links = heed_result_links(aligned.get(), 0, &count);
  const auto expected = align_words(word_attention(
      score_pairs(bundle_of(toy_files()), std::vector<SentencePair>{{source, target}}).front(),
      score_pairs(bundle_of(toy_files()), std::vector<SentencePair>{{source, target}}).front().translations.front()));
  ASSERT_EQ(count, expected.size());
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ((Link{links[i].source, links[i].target}), expected[i]);
}

TEST(Capi, AlignsOnlyWithAttention) {
  const Model model = open_model(toy_files("none"));
  EXPECT_EQ(heed_model_attends(model.get()), 0);
  EXPECT_EQ(heed_model_layers(model.get()) + heed_model_heads(model.get(), 0) + heed_model_heads(model.get(), 1), 0);
  EXPECT_EQ(heed_model_attends(toy_model().get()), 1);
  const heed_pair pair = {{"3", 1}, {"4", 1}};
  heed_result* result = nullptr;
  EXPECT_THAT(said(heed_align(model.get(), &pair, 1, nullptr, &result)), HasSubstr("does not attend"));
}

TEST(Capi, LayersAndHeadsAreCountedFromOne) {
  const Model heads = open_model(toy_files("multi-head"));
  EXPECT_EQ(heed_model_layers(heads.get()), 1);
  EXPECT_GT(heed_model_heads(heads.get(), 1), 1);
  EXPECT_EQ(heed_model_heads(heads.get(), 1), heed_model_heads(heads.get(), 0));
  EXPECT_EQ(heed_model_heads(heads.get(), 2) + heed_model_heads(heads.get(), -1), 0);
  EXPECT_EQ(heed_model_heads(toy_model().get(), 1), 1);
  const heed_pair pair = {{"3 4 5", 5}, {"6 7", 3}};
  const auto aligned = [&](const heed_model* model, std::int32_t layer, std::int32_t head) {
    heed_pair_options options;
    heed_pair_options_init(&options, sizeof options);
    options.layer = layer;
    options.head = head;
    heed_result* made = nullptr;
    std::string out = said(heed_align(model, &pair, 1, &options, &made));
    const Result result(made);
    std::size_t count = 0;
    const heed_link* links = heed_result_links(made, 0, &count);
    for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}-{} ", links[i].source, links[i].target);
    return out;
  };
  EXPECT_EQ(aligned(toy_model().get(), 1, 1), aligned(toy_model().get(), 0, 0));
  EXPECT_THAT(aligned(heads.get(), 1, 2), HasSubstr("-"));
  EXPECT_THAT(aligned(toy_model().get(), 2, 0), StartsWith("1 layer is 2; the model's attention has 1"));
  EXPECT_THAT(aligned(toy_model().get(), 1, 2), StartsWith("1 head is 2; the model's attention has 1"));
  EXPECT_THAT(aligned(toy_model().get(), -1, 0), StartsWith("1 layer is -1"));
}

TEST(Capi, Evaluates) {
  const std::vector<heed_text> hypotheses = {{"a b c d", 7}, {"e f", 3}};
  const std::vector<heed_text> references = {{"a b c d", 7}, {"e g", 3}, {"a", 1}, {"e f", 3}};
  const heed_text name = {"BLEU", 4};
  heed_evaluation* evaluation = nullptr;
  ASSERT_EQ(said(heed_evaluate(name, hypotheses.data(), references.data(), 2, 2, nullptr, &evaluation)), "");
  const MetricValue expected = evaluate_metric("bleu", {"a b c d", "e f"}, {{"a b c d", "e g"}, {"a", "e f"}});
  EXPECT_EQ(heed_evaluation_value(evaluation), expected.value);
  EXPECT_EQ(copy(heed_evaluation_signature(evaluation)), expected.signature);
  ASSERT_EQ(heed_evaluation_detail_count(evaluation), expected.details.size());
  EXPECT_EQ(copy(heed_evaluation_detail_name(evaluation, 0)), expected.details[0].first);
  EXPECT_EQ(heed_evaluation_detail_value(evaluation, 0), expected.details[0].second);
  EXPECT_EQ(heed_evaluation_detail_name(evaluation, 99).length, 0U);
  heed_evaluation_free(evaluation);
  EXPECT_THAT(said(heed_evaluate({"blue", 4}, hypotheses.data(), references.data(), 2, 2, nullptr, &evaluation)),
              StartsWith("1 "));
}

TEST(Capi, OpensAPathAndAPrecision) {
  heed_model* model = nullptr;
  EXPECT_EQ(said(heed_model_open({"nowhere", 7}, nullptr, &model)).substr(0, 26), "3 'nowhere' does not exist");
  EXPECT_THAT(said(heed_model_open({"a\0b", 3}, nullptr, &model)), StartsWith("1 "));
  heed_model_options options;
  heed_model_options_init(&options, sizeof options);
  options.precision = "int9";
  EXPECT_THAT(said(heed_model_open({"nowhere", 7}, &options, &model)), HasSubstr("int8"));
  EXPECT_EQ(model, nullptr);
}

TEST(Capi, WrongArgumentsAreErrors) {
  heed_result* result = nullptr;
  const heed_text sentence = {"3", 1}, invalid = {"\xff", 1}, null = {nullptr, 3};
  const heed_model* model = toy_model().get();
  EXPECT_THAT(said(heed_translate(nullptr, &sentence, 1, nullptr, &result)), StartsWith("1 a handle is NULL"));
  EXPECT_THAT(said(heed_translate(model, nullptr, 1, nullptr, &result)), HasSubstr("array"));
  EXPECT_THAT(said(heed_translate(model, &null, 1, nullptr, &result)), HasSubstr("NULL"));
  EXPECT_THAT(said(heed_translate(model, &sentence, 1, nullptr, nullptr)), HasSubstr("out is NULL"));
  EXPECT_THAT(said(heed_translate(model, &invalid, 1, nullptr, &result)), HasSubstr("UTF-8"));
  heed_translate_options options = translate_options();
  options.beam = 0;
  EXPECT_THAT(said(heed_translate(model, &sentence, 1, &options, &result)), StartsWith("1 "));
  options.size = 0;
  EXPECT_THAT(said(heed_translate(model, &sentence, 1, &options, &result)), HasSubstr("init function"));
  options.size = sizeof options + 8;
  EXPECT_THAT(said(heed_translate(model, &sentence, 1, &options, &result)), HasSubstr("newer"));
  EXPECT_EQ(result, nullptr);
  result = translate(model, {}).release();
  EXPECT_EQ(heed_result_count(result), 0U);
  heed_result_free(result);
  heed_result_free(nullptr);
  heed_model_free(nullptr);
  heed_error_free(nullptr);
}

TEST(Capi, LengthsThatCannotBeAreErrors) {
  heed_result* result = nullptr;
  heed_model* model = nullptr;
  heed_evaluation* evaluation = nullptr;
  const heed_text sentence = {"3", 1}, bleu = {"bleu", 4};
  const heed_pair pair = {sentence, sentence};
  for (const std::size_t wrong : {SIZE_MAX, std::size_t{1} << 58, HEED_MAX_COUNT + 1}) {
    const heed_text text = {"3", wrong};
    const heed_pair long_pair = {sentence, text};
    const heed_file file = {sentence, "3", std::max(wrong, SIZE_MAX / 2 + 1)};
    const auto is_refused = StartsWith("1 a text or an array has a length of");
    EXPECT_THAT(said(heed_translate(toy_model().get(), &sentence, wrong, nullptr, &result)), is_refused);
    EXPECT_THAT(said(heed_translate(toy_model().get(), &text, 1, nullptr, &result)), HasSubstr("has a length of"));
    EXPECT_THAT(said(heed_score(toy_model().get(), &pair, wrong, nullptr, &result)), is_refused);
    EXPECT_THAT(said(heed_align(toy_model().get(), &pair, wrong, nullptr, &result)), is_refused);
    EXPECT_THAT(said(heed_score(toy_model().get(), &long_pair, 1, nullptr, &result)), HasSubstr("has a length of"));
    EXPECT_THAT(said(heed_model_open(text, nullptr, &model)), is_refused);
    EXPECT_THAT(said(heed_model_open_memory(&file, wrong, nullptr, &model)), is_refused);
    EXPECT_THAT(said(heed_model_open_memory(&file, 1, nullptr, &model)), is_refused);
    EXPECT_THAT(said(heed_evaluate(bleu, &sentence, &sentence, wrong, 1, nullptr, &evaluation)), is_refused);
    EXPECT_THAT(said(heed_evaluate(bleu, &sentence, &sentence, 1, wrong, nullptr, &evaluation)),
                StartsWith("1 references_each"));
    EXPECT_THAT(said(heed_evaluate(text, &sentence, &sentence, 1, 1, nullptr, &evaluation)), is_refused);
  }
}

TEST(Capi, OptionsOfAnOlderHeaderHaveDefaults) {
  heed_translate_options options;
  std::memset(&options, 0xEE, sizeof options);
  heed_translate_options_init(&options, offsetof(heed_translate_options, nbest));
  options.beam = 1;
  heed_translate_options today = translate_options();
  today.beam = 1;
  const std::vector<std::string> sentences = toy_sentences(3);
  EXPECT_EQ(texts_of(translate(toy_model().get(), sentences, &options)),
            texts_of(translate(toy_model().get(), sentences, &today)));
}

TEST(Capi, DamagedFilesAreErrors) {
  const ModelFiles files = toy_files();
  heed_model* model = nullptr;
  for (const auto& [name, content] : files) {
    ModelFiles cut = files;
    cut[name].resize(name == "checksums" ? content.size() - 10 : content.size() / 2);
    EXPECT_THAT(said(open_files(cut, &model)), HasSubstr("memory/")) << name;
    ModelFiles lacks = files;
    if (name == "checksums") {  // at the end of each line
      for (std::size_t end = content.rfind('\n', content.size() - 2); end != content.npos && end > 0;
           end = content.rfind('\n', end - 1)) {
        lacks[name].resize(end + 1);
        EXPECT_THAT(said(open_files(lacks, &model)), HasSubstr("memory/checksums: damaged: it has no checksum of"))
            << end;
      }
    }
    lacks.erase(name);
    if (name == "checksums") continue;  // need not be there
    EXPECT_THAT(said(open_files(lacks, &model)), HasSubstr(name));
  }
  ModelFiles newer = files;
  newer.erase("checksums");
  std::string& config = newer["config.yaml"];
  config.replace(config.find("format_version: "), 17, "format_version: 9");
  EXPECT_THAT(said(open_files(newer, &model)), HasSubstr("newer heed"));
  EXPECT_THAT(said(open_files({}, &model)), StartsWith("3 'memory/config.yaml' is missing"));
  EXPECT_THAT(said(open_files({{"../x", "y"}}, &model)), HasSubstr("no file name"));
  EXPECT_EQ(model, nullptr);
}

TEST(Capi, QuantizedFilesInMemoryAnswerAsFromADirectory) {
  const Model model = open_model(toy_files("luong-general", Precision::kInt8));
  const Translator translator({bundle_of(toy_files("luong-general", Precision::kInt8))});
  EXPECT_EQ(texts_of(translate(model.get(), {"3 4 5 6"})), translator.translate("3 4 5 6").translations[0].text + "\n");
}

#ifndef NDEBUG
TEST(CapiDeathTest, AFreedHandleStopsBuildsWithAssertions) {
  const Result result = translate(toy_model().get(), {"3"});
  EXPECT_DEATH(heed_result_count(reinterpret_cast<const heed_result*>(toy_model().get())), "");  // of another type
  EXPECT_DEATH(
      {
        heed_result* freed = translate(toy_model().get(), {"3"}).release();
        heed_result_free(freed);
        heed_result_count(freed);
      },
      "");
}
#endif

}  // namespace
}  // namespace heed

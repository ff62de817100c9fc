#include <gmock/gmock.h>

#include <thread>
#include <utility>

#include "calls.h"
#include "fmt/format.h"
#include "heed/base/version.h"
#include "heed/metrics/registry.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

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

// What is not there, and what should not be given.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "calls.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(CapiArguments, WhatIsNotThereIsEmpty) {
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

TEST(CapiArguments, NullHasNothing) {
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

TEST(CapiArguments, AnErrorNamesTheSentence) {
  const std::vector<heed_text> sentences = {{"3", 1}, {"4", 1}, {"3 \xff", 3}}, null = {{"3", 1}, {nullptr, 2}};
  const std::vector<heed_pair> pairs = {{sentences[0], sentences[0]}, {sentences[0], sentences[2]}},
                               of_null = {pairs[0], {sentences[0], null[1]}}, null_source = {{null[1], sentences[0]}};
  heed_result* result = nullptr;
  const auto index_and_text = [](heed_error* error) {
    const auto index = static_cast<long>(heed_error_index(error));
    return std::to_string(index) + " " + said(error);
  };
  const heed_model* model = toy_model().get();
  EXPECT_THAT(index_and_text(heed_translate(model, sentences.data(), 3, nullptr, &result)),
              StartsWith("2 2 sentence 2: invalid UTF-8 at byte 3"));
  EXPECT_THAT(index_and_text(heed_translate(model, null.data(), 2, nullptr, &result)),
              StartsWith("1 1 sentence 1: the text is NULL, with a length of 2"));
  EXPECT_THAT(index_and_text(heed_score(model, pairs.data(), 2, nullptr, &result)),
              StartsWith("1 2 target:2: invalid UTF-8 at byte 3"));
  EXPECT_EQ(index_and_text(heed_score(model, of_null.data(), 2, nullptr, &result)),
            "1 1 target:2: the text is NULL, with a length of 2");
  EXPECT_EQ(index_and_text(heed_align(model, null_source.data(), 1, nullptr, &result)),
            "0 1 source:1: the text is NULL, with a length of 2");
  EXPECT_THAT(index_and_text(heed_translate(nullptr, sentences.data(), 3, nullptr, &result)),
              StartsWith("-1 1 model is NULL"));
}

TEST(CapiArguments, WrongNumbersAreErrorsByTheirNames) {
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
      EXPECT_THAT(said(heed_align(toy_model().get(), &pair, 1, &options, &result)),
                  HasSubstr("must be finite and not negative"));
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

TEST(CapiArguments, WrongArgumentsAreErrors) {
  heed_result* result = nullptr;
  const heed_text sentence = {"3", 1}, invalid = {"\xff", 1}, null = {nullptr, 3};
  const heed_model* model = toy_model().get();
  EXPECT_THAT(said(heed_translate(nullptr, &sentence, 1, nullptr, &result)), StartsWith("1 model is NULL"));
  EXPECT_THAT(said(heed_translate(model, nullptr, 1, nullptr, &result)), StartsWith("1 sentences is NULL"));
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

TEST(CapiArguments, LengthsThatCannotBeAreErrors) {
  heed_result* result = nullptr;
  heed_model* model = nullptr;
  heed_evaluation* evaluation = nullptr;
  const heed_text sentence = {"3", 1}, bleu = {"bleu", 4};
  const heed_pair pair = {sentence, sentence};
  for (const std::size_t wrong : {SIZE_MAX, std::size_t{1} << 58, HEED_MAX_COUNT + 1}) {
    const heed_text text = {"3", wrong};
    const heed_pair long_pair = {sentence, text};
    const heed_file file = {sentence, "3", std::max(wrong, SIZE_MAX / 2 + 1)};
    const auto is_refused = [](const std::string& name) { return StartsWith("1 " + name + " has a length of"); };
    EXPECT_THAT(said(heed_translate(toy_model().get(), &sentence, wrong, nullptr, &result)), is_refused("sentences"));
    EXPECT_THAT(said(heed_translate(toy_model().get(), &text, 1, nullptr, &result)), HasSubstr("has a length of"));
    EXPECT_THAT(said(heed_score(toy_model().get(), &pair, wrong, nullptr, &result)), is_refused("pairs"));
    EXPECT_THAT(said(heed_align(toy_model().get(), &pair, wrong, nullptr, &result)), is_refused("pairs"));
    EXPECT_THAT(said(heed_score(toy_model().get(), &long_pair, 1, nullptr, &result)), HasSubstr("has a length of"));
    EXPECT_THAT(said(heed_model_open(text, nullptr, &model)), is_refused("path"));
    EXPECT_THAT(said(heed_model_open_memory(&file, wrong, nullptr, &model)), is_refused("files"));
    EXPECT_THAT(said(heed_model_open_memory(&file, 1, nullptr, &model)), is_refused("the data of a file"));
    EXPECT_THAT(said(heed_evaluate(bleu, &sentence, &sentence, wrong, 1, nullptr, &evaluation)),
                is_refused("hypotheses"));
    EXPECT_THAT(said(heed_evaluate(bleu, &sentence, &sentence, 1, wrong, nullptr, &evaluation)),
                StartsWith("1 references_each"));
    EXPECT_THAT(said(heed_evaluate(text, &sentence, &sentence, 1, 1, nullptr, &evaluation)), is_refused("metric"));
  }
}

TEST(CapiArguments, OptionsOfAnOlderHeaderHaveDefaults) {
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

}  // namespace
}  // namespace heed

#include "heed/record/nbest_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(NbestLine, FeaturesAreNamedOrTheLogProbability) {
  const NbestLine line = read_nbest_line(
      R"( {"source": "a \"b\"", "source_tokens": ["]", "}"], "translations": [
          {"text": "x", "attention": [[0.5, 0.5]], "log_probability": -2, "features": {"Z0": 1.5, "A0" :-2 } },
          {"log_probability": -3e-1, "text": "\u00e9, [y", "score": 7, "features": {}}, {"text": "", "score": 4} ] } )");
  EXPECT_EQ(line.source, "a \"b\"");
  ASSERT_EQ(line.answers.size(), 3U);
  EXPECT_THAT(line.answers[0].names, ElementsAre("Z0", "A0"));
  EXPECT_THAT(line.answers[0].features, ElementsAre(1.5, -2.0));
  EXPECT_EQ(line.answers[1].text, "\u00e9, [y");
  EXPECT_THAT(line.answers[1].names, ElementsAre("Heed0"));
  EXPECT_THAT(line.answers[1].features, ElementsAre(-0.3));
  EXPECT_EQ(line.answers[2].text, "");
  EXPECT_THAT(line.answers[2].names, ElementsAre("Score0"));
}

TEST(NbestLine, WhatWasNoTextHasNoAnswers) {
  EXPECT_TRUE(read_nbest_line(R"({"source": "a\u0000", "translations": [], "error": "a NUL byte"})").answers.empty());
}

TEST(NbestLine, WhatIsWrongIsSaid) {
  const auto fault = [](const std::string& line) { return error_of([&] { read_nbest_line(line); }); };
  for (const char* line : {"", " ", "[1]", "a", R"({"source": "a")", R"({"source": "a"} 1)"})
    EXPECT_THAT(fault(line), HasSubstr("no JSON object")) << line;
  EXPECT_THAT(fault("{}"), HasSubstr("'translations' is missing, or no list"));
  EXPECT_THAT(fault(R"({"translations": [{}]})"), HasSubstr("'source' is missing, or no text"));
  EXPECT_THAT(fault(R"({"source": "a", "translations": []})"), HasSubstr("'translations' is empty"));
  const auto fault_of = [&](const std::string& answer) {
    return fault(R"({"source": "a", "translations": [)" + answer + "]}");
  };
  EXPECT_THAT(fault_of("1"), HasSubstr("no object"));
  EXPECT_THAT(fault_of("{}"), HasSubstr("'text' is missing, or no text"));
  EXPECT_THAT(fault_of(R"({"text": "a\nb", "score": 1})"), HasSubstr("a line end in 'text'"));
  EXPECT_THAT(fault_of(R"({"text": "a\u0000b", "score": 1})"), HasSubstr("a NUL byte in 'text'"));
  EXPECT_THAT(fault_of(R"({"text": "a"})"), HasSubstr("neither 'features' nor"));
  EXPECT_THAT(fault_of(R"({"text": "a", "score": "1"})"), HasSubstr("'score' is no number"));
  EXPECT_THAT(fault_of(R"({"text": "a", "log_probability": null})"), HasSubstr("'log_probability' is no number"));
  EXPECT_THAT(fault_of(R"({"text": "a", "features": [1]})"), HasSubstr("'features' is no object"));
  EXPECT_THAT(fault_of(R"({"text": "a", "features": {"A": [1]}})"), HasSubstr("'A' is no number"));
  EXPECT_THAT(fault(R"({"source": "a", "features": {"pos": 1}, "translations": [{"text": "a", "score": 1}]})"),
              HasSubstr("features: 'pos' is neither a text nor a list"));
}

TEST(NbestLine, SourceFeaturesStandBesideTheSource) {
  const NbestLine line = read_nbest_line(
      R"({"source": "a b", "features": {"pos": ["X", "Y"], "kind": "odd"}, "translations": [{"text": "c", "score": 1}]})");
  EXPECT_THAT(line.features, ElementsAre(Pair("kind", "odd"), Pair("pos", "X Y")));
  EXPECT_THAT(line.answers[0].names, ElementsAre("Score0"));
}

TEST(NbestLine, KeysMayBeSpelledWithEscapes) {
  const std::string text =
      R"({"so\u0075rce":"a","tr\u0061nslations":[{"te\u0078t":"x","\u0073core":-1,"fe\u0061tures":{"A":1},"b\"":2}]})";
  const NbestLine line = read_nbest_line(text);
  EXPECT_EQ(line.source, "a");
  ASSERT_EQ(line.answers.size(), 1U);
  EXPECT_EQ(line.answers[0].text, "x");
  EXPECT_THAT(line.answers[0].names, ElementsAre("A"));
  const std::vector<std::string> names = {"A"};
  const std::vector<double> features = {3};
  EXPECT_EQ(to_ranked_line(text, names, std::vector<RankedAnswer>{{0, 9, features}}),
            R"({"so\u0075rce":"a","tr\u0061nslations":[{"te\u0078t":"x","score":9.0,"features":{"A":3.0},"b\"":2}]})"
            "\n");
}

TEST(NbestLine, OnlyWhatIsRankedIsWrittenAnew) {
  const std::string line = R"({"source":"a", "translations" : [{"text":"x","score":-1,"attention":[[1.0]]},)"
                           R"({"features":{"A":1},"score":-2,"text":"y"}, {"text":"z"}],"trace":[{"score":5}]})";
  const std::vector<std::string> names = {"A", "B\""};
  const std::vector<double> one = {1, 0.5}, two = {-3, 4};
  const std::vector<RankedAnswer> answers = {{2, 9, one}, {1, 8.5, two}, {0, 7, one}};
  EXPECT_EQ(to_ranked_line(line, names, answers),
            R"({"source":"a", "translations" : [{"text":"z","score":9.0,"features":{"A":1.0,"B\"":0.5}},)"
            R"({"score":8.5,"features":{"A":-3.0,"B\"":4.0},"text":"y"},)"
            R"({"text":"x","score":7.0,"features":{"A":1.0,"B\"":0.5},"attention":[[1.0]]}],"trace":[{"score":5}]})"
            "\n");
  EXPECT_EQ(to_ranked_line(R"({"source":"\u2028","translations":[],"error":"no"})", names, {}),
            "{\"source\":\"\\u2028\",\"translations\":[],\"error\":\"no\"}\n");
}

}  // namespace
}  // namespace heed

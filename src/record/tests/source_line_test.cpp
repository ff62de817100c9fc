#include "heed/record/source_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SourceLine, AllKeys) {
  const SourceLine line = read_source_line(
      R"({"source": "a b", "features": {"pos": ["X", "Y"]}, "beam": 7, "nbest": 2, "prefix": "p", "must": ["m n", "o"],
          "must_not": [], "allowed": ["u", "v w"]})");
  EXPECT_EQ(line.source, "a b");
  EXPECT_EQ(line.features.at("pos"), "X Y");
  EXPECT_EQ(line.request.beam, 7);
  EXPECT_EQ(line.request.nbest, 2);
  EXPECT_EQ(line.request.prefix, "p");
  EXPECT_THAT(line.request.must, ElementsAre("m n", "o"));
  EXPECT_TRUE(line.request.must_not.empty());
  EXPECT_THAT(line.request.allowed, ElementsAre("u", "v w"));
  EXPECT_TRUE(line.request.is_constrained());
}

TEST(SourceLine, OnlySourceIsNeeded) {
  const SourceLine line = read_source_line(R"({"source": ""})");
  EXPECT_FALSE(line.request.is_constrained());
  EXPECT_FALSE(line.request.beam);
}

TEST(SourceLine, WhatIsWrongIsSaid) {
  const auto fault = [](const char* rest) {
    return error_of([&] { read_source_line(std::string(R"({"source": "a", )") + rest + "}"); });
  };
  for (const char* number : {"0", "1001", "-1", "1.5", "\"2\"", "null", "18446744073709551616"}) {
    EXPECT_THAT(fault((std::string("\"beam\": ") + number).c_str()),
                HasSubstr("'beam' is not right; expected a whole number, 1 to 1000"));
  }
  EXPECT_THAT(fault(R"("nbest": [1])"), HasSubstr("'nbest' is not right"));
  EXPECT_THAT(fault(R"("prefix": ["a"])"), HasSubstr("'prefix' is no text"));
  EXPECT_THAT(fault(R"("must": "a")"), HasSubstr("'must' is no list"));
  EXPECT_THAT(fault(R"("must_not": [1])"), HasSubstr("'must_not' has what is no text"));
  EXPECT_THAT(fault(R"("must": ["a", " "])"), HasSubstr("'must' has a text without a word"));
  EXPECT_THAT(fault(R"("must": ["\u0000"])"), HasSubstr("a NUL byte in 'must'"));
  EXPECT_THAT(fault(R"("allowed": [])"), HasSubstr("'allowed' is an empty list"));
  EXPECT_THAT(fault(R"("mustnot": [])"), HasSubstr("unknown key 'mustnot'; expected: source, features, beam"));
  EXPECT_THAT(error_of([] { read_source_line("[1]"); }), HasSubstr("no JSON object"));
}

TEST(PairOfLine, OfAPairOrATranslation) {
  const PairOfLine pair = read_pair_line(R"({"source": "a", "target": "b", "features": {"f": "x"}, "other": 1})");
  EXPECT_EQ(pair.source + pair.target + pair.features.at("f"), "abx");
  EXPECT_EQ(read_pair_line(R"({"source": "a", "translations": [{"text": "b"}, {"text": "c"}]})").target, "b");
  EXPECT_THAT(error_of([] { read_pair_line(R"({"source": "a"})"); }), HasSubstr("'target' is missing, or no text"));
  EXPECT_THAT(error_of([] { read_pair_line(R"({"source": "a", "translations": []})"); }),
              HasSubstr("'target' is missing"));
  EXPECT_THAT(error_of([] { read_pair_line(R"({"source": "a", "translations": [7]})"); }),
              HasSubstr("'text' is missing"));
}

TEST(TextOfLine, OfATranslationOrAlone) {
  EXPECT_EQ(read_text_line(R"({"source": "a", "translations": [{"text": "b"}, {"text": "c"}]})"), "b");
  EXPECT_EQ(read_text_line(R"({"source": "a", "translations": [], "error": "no text"})"), "");
  EXPECT_EQ(read_text_line(R"({"text": "b"})"), "b");
  EXPECT_THAT(error_of([] { read_text_line(R"({"source": "a"})"); }), HasSubstr("'text' is missing"));
}

}  // namespace
}  // namespace heed

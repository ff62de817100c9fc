#include "heed/record/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"
#include "records.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// All that a line can hold.
Translated full_record() {
  Translated out = toy::small_record();
  out.source_ranges = {{0, 3}, {4, 6}, {6, 9}, {10, 13}, {}};
  Translation& to = out.translations[0];
  to.ranges = {{0, 2}, {3, 7}, {8, 10}, {10, 12}, {}};
  to.cut = true;
  to.copied = std::vector{1, 3};
  to.attention_layers = {{to.attention, to.attention}, {to.attention}};
  out.attention_names = {"hop 1", "hop 2"};
  out.trace_tokens = {"le", "la", "</s>"};
  out.trace.attention = {to.attention[0], to.attention[1]};
  out.trace.candidates = {
      {-1, 0, -0.5, -0.5, Fate::kKept, 0}, {-1, 0, -2, -2, Fate::kPruned, 0}, {0, 0, -1, -0.5, Fate::kFinished, 1}};
  out.trace.cut = true;
  out.translations.push_back(to);
  out.translations[1].text = "le \"chat\"\t";
  out.translations[1].ranges.clear();
  return out;
}

TEST(JsonLines, AreReadAsTheyWereWritten) {
  const std::string line = to_json_line(full_record());
  const Translated read = read_json_line(line);
  EXPECT_EQ(to_json_line(read), line);
  EXPECT_EQ(read.translations[0].ranges, full_record().translations[0].ranges);
  EXPECT_EQ(read.translations[0].attention_layers, full_record().translations[0].attention_layers);
  EXPECT_EQ(read.trace.attention, full_record().trace.attention) << "rows that candidates share are kept once";
}

TEST(JsonLines, OfGivenPairsAreReadAsTheyWereWritten) {
  Translated pair = full_record();
  pair.translations.resize(1);
  pair.translations[0].log_probabilities = {-0.5, -0.5, -0.25, -0.25, -0.5};
  const std::string line = to_scored_line(pair);
  const Translated read = read_json_line(line);
  EXPECT_EQ(to_scored_line(read), line);
  EXPECT_EQ(read.translations[0].score, -0.4);
}

TEST(JsonLines, OfSamplesAreReadAsTheyWereWritten) {
  const std::string line = to_sample_line(full_record());
  EXPECT_EQ(to_sample_line(read_json_line(line)), line);
}

TEST(JsonLines, TellOfTheAttentionWhatIsAskedFor) {
  const std::string without = to_json_line(full_record(), {.attention = false});
  EXPECT_EQ(without.find("\"attention_"), std::string::npos);
  EXPECT_TRUE(read_json_line(without).translations[0].attention.empty());
  const Translated mean = read_json_line(to_json_line(full_record(), {.layers = false, .decimals = 1}));
  EXPECT_TRUE(mean.translations[0].attention_layers.empty());
  EXPECT_THAT(mean.translations[0].attention[0], ElementsAre(0.8f, 0.1f, 0.1f, 0.1f, 0));
}

TEST(JsonLines, WhatIsNoTextHasAnEmptyTranslation) {
  const Translated read = read_json_line(to_error_line("a\xff", "not UTF-8 at byte 2"));
  EXPECT_EQ(read.source, "a\ufffd");
  ASSERT_EQ(read.translations.size(), 1U);
  EXPECT_EQ(read.translations[0].text, "");
}

TEST(JsonLines, OlderOnesAreRead) {
  const std::string sample =
      R"({"source":"a","source_tokens":["a","</s>"],"reference":"b","text":"c","tokens":["c"],"attention":[[0.25,0.75]]})";
  EXPECT_THAT(read_json_line(sample).translations[0].attention[0], ElementsAre(0.25f, 0.75f));
  const Translated named = read_json_line(
      R"({"source":"a","source_tokens":["a"],"translations":[{"text":"c","tokens":["c"],"attention":[[1]],)"
      R"("attention_layers":[[[[1]]],[[[1]]]],"attention_names":["one","two"]}]})");
  EXPECT_THAT(named.attention_names, ElementsAre("one", "two"));
}

TEST(JsonLines, WhatIsNoRangeIsNamed) {
  const auto fault = [](const std::string& ranges) {
    return error_of([&] {
      read_json_line(
          R"({"source":"a","source_tokens":["a"],"translations":[{"text":"bc","tokens":["b","c"],"ranges":)" + ranges +
          "}]}");
    });
  };
  EXPECT_EQ(fault("[[0,1],[1,2]]"), "");
  for (const char* none : {"{}", R"({"a":1,"b":2})", "[1]", "[0,1,2]", "[-1,2]", "[1,2.5]", R"("x")", "[[1],2]"}) {
    EXPECT_EQ(fault("[[0,1]," + std::string(none) + "]"), "ranges: that of token 2 is neither [begin, end] nor null");
  }
  EXPECT_EQ(fault("{}"), "ranges is no list");
  EXPECT_EQ(fault("[[0,1]]"), "ranges: length 1, but the number of tokens is 2");
  EXPECT_EQ(fault("[[0,2],[1,2]]"),
            "ranges: that of token 2, 'c', [1, 2], begins before byte 2, where the previous token ends");
}

TEST(JsonLines, WhatIsNoLineIsAnError) {
  EXPECT_THAT(error_of([] { read_json_line("{\"source\":"); }), HasSubstr("expected a line of"));
  EXPECT_THAT(error_of([] { read_json_line("{}"); }), HasSubstr("key 'source' not found"));
}

}  // namespace
}  // namespace heed

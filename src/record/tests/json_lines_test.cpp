#include "heed/record/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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
  to.measures = {{"erasure", to.attention}, {"saliency", {to.attention.rbegin(), to.attention.rend()}}};
  to.attention_layers = {{to.attention, to.attention}, {to.attention}};
  out.features = {{"case", "low up low"}, {"kind", "odd"}};
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
  EXPECT_EQ(read.features, full_record().features);
  EXPECT_EQ(read.translations[0].ranges, full_record().translations[0].ranges);
  EXPECT_EQ(read.translations[0].attention_layers, full_record().translations[0].attention_layers);
  ASSERT_EQ(read.translations[0].measures.size(), 2);
  EXPECT_EQ(read.translations[0].measures[1].name, "saliency");
  EXPECT_EQ(read.translations[0].measures[1].values, full_record().translations[0].measures[1].values);
  EXPECT_EQ(read.trace.attention, full_record().trace.attention) << "rows that candidates share are kept once";
}

TEST(JsonLines, EndsOfLinesOfUnicodeAreEscaped) {
  // All at which Python's str.splitlines() splits, and characters of the same first bytes.
  const std::string ends = "a\n\r\x0b\x0c\x1c\x1d\x1e\u0085\u2028b\u2029\u2027\u202a\u0086\u0084";
  Translated record = toy::small_record();
  record.translations[0].text = ends;
  record.translations[0].tokens[1] = "\u2028\u2028";
  const std::string line = to_json_line(record);
  EXPECT_THAT(line, HasSubstr("\\u0085\\u2028b\\u2029\u2027\u202a\u0086\u0084"));
  for (const char* end : {"\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\u0085", "\u2028", "\u2029"})
    EXPECT_EQ(line.find(end), std::string(end) == "\n" ? line.size() - 1 : line.npos) << line;
  EXPECT_EQ(read_json_line(line).translations[0].text, ends);
  EXPECT_EQ(read_json_line(line).translations[0].tokens[1], "\u2028\u2028");
  EXPECT_EQ(to_error_line("\u2028", "fault").find("\u2028"), std::string::npos);
}

TEST(JsonLines, WeightsHaveSoManyDecimals) {
  Translated record = toy::small_record();
  record.translations[0].attention[0][0] = 0.123456F;
  EXPECT_THAT(to_json_line(record, {.decimals = 3}), HasSubstr("\"attention\":[[0.123,"));
}

/// The mean of three models, of which one has two heads, one cuts the source in its own way, and one does not attend.
Translated record_of_ensemble() {
  Translated out = toy::small_record();
  Translation& to = out.translations[0];
  to.attention_members.resize(3);
  to.attention_members[0].attention = to.attention;
  to.attention_members[0].attention_layers = {{to.attention, to.attention}};
  to.attention_members[0].attention_names = {"multi-head"};
  to.attention_members[1].source_tokens = {"the", "black", "cat", "</s>"};
  to.attention_members[1].source_ranges = {{0, 3}, {4, 9}, {10, 13}, {}};
  to.attention_members[1].attention = AttentionWeights(5, {0.25f, 0.25f, 0.5f, 0});
  return out;
}

TEST(JsonLines, OfEnsemblesAreReadAsTheyWereWritten) {
  const std::string line = to_json_line(record_of_ensemble());
  const Translated read = read_json_line(line);
  EXPECT_EQ(to_json_line(read), line);
  const std::vector<MemberAttention>& members = read.translations[0].attention_members;
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].attention_layers[0][1], read.translations[0].attention);
  EXPECT_EQ(members[0].attention_names, std::vector<std::string>{"multi-head"});
  EXPECT_EQ(members[1].source_tokens.size(), 4U);
  EXPECT_EQ(members[1].source_ranges[1], (ByteRange{4, 9}));
  EXPECT_TRUE(members[2].attention.empty());
  EXPECT_EQ(to_json_line(record_of_ensemble(), {.layers = false}).find("attention_members"), std::string::npos);
  const auto fault = [](const std::string& list) {
    return error_of([&] {
      read_json_line(
          R"({"source":"a","source_tokens":["a"],"translations":[{"text":"b","tokens":["b"],"attention":[[1]],)"
          R"("attention_members":)" +
          list + "}]}");
    });
  };
  EXPECT_EQ(fault(R"([{},{"attention":[[1]]}])"), "");
  EXPECT_EQ(fault("{}"), "attention_members is an object; expected a list");
  EXPECT_EQ(fault("[1]"), "one of attention_members is 1; expected an object");
  EXPECT_EQ(fault(R"([{},{"attention":[[0.5,0.5]]}])"),
            "attention_members: that of model 2: a row of attention has 2 columns for 1 source tokens");
  EXPECT_EQ(fault(R"([{"source_tokens":["a","</s>"],"attention":[[0.5,0.5]]}])"), "");
  EXPECT_EQ(
      fault(R"([{"source_tokens":["a"],"source_ranges":[[0,2]],"attention":[[1]]}])"),
      "attention_members: that of model 1: source_ranges: that of token 1, 'a', [0, 2], is no part of a text of 1 "
      "bytes");
  EXPECT_EQ(fault(R"([{"source_ranges":[[0,1]]}])"),
            "attention_members: that of model 1: source_ranges without source_tokens");
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
  EXPECT_EQ(fault("{}"), "ranges is an object; expected a list");
  EXPECT_EQ(fault("[[0,1]]"), "ranges: length 1, but the number of tokens is 2");
  EXPECT_EQ(fault("[[0,2],[1,2]]"),
            "ranges: that of token 2, 'c', [1, 2], begins before byte 2, where the previous token ends");
}

TEST(JsonLines, WhatIsNoLineIsAnError) {
  EXPECT_THAT(error_of([] { read_json_line("{\"source\":"); }), HasSubstr("expected a line of"));
  EXPECT_THAT(error_of([] { read_json_line("{}"); }), HasSubstr("key 'source' not found"));
}

std::string with(const std::string& keys, const std::string& trace = "[]") {
  return R"({"source":"a","source_tokens":["a"],"translations":[{"text":"b","tokens":["b"])" + keys + R"(}],"trace":)" +
         trace + "}";
}

TEST(JsonLines, NumbersAreWhatTheyShouldBe) {
  const auto fault = [](const std::string& keys, const std::string& trace = "[]") {
    return error_of([&] { read_json_line(with(keys, trace)); });
  };
  EXPECT_EQ(fault(R"(,"copied":[0])"), "");
  for (const std::string none : {"4294967296", "1.7", "true", "-1", "null", "18446744073709551615"}) {
    EXPECT_EQ(fault(R"(,"copied":[)" + none + "]"), "copied has " + none + "; expected a whole number from 0 on");
  }
  EXPECT_EQ(fault(R"(,"copied":0)"), "copied is 0; expected a list");
  EXPECT_EQ(fault(R"(,"attention":null)"), "attention is null; expected a list");
  EXPECT_EQ(fault(R"(,"attention":[1])"), "a row of attention is 1; expected a list");
  EXPECT_EQ(fault(R"(,"attention":[[true]])"), "attention: row 0 has true; weights lie between 0 and 1");
  EXPECT_EQ(fault(R"(,"score":"1")"), "score is a text; expected a number");
  for (const std::string parent : {"4294967295", "-1.5", "-2"}) {
    EXPECT_EQ(fault("", R"([{"parent":)" + parent + R"(,"token":"b","log_probability":0,"score":0,"state":"kept"}])"),
              "trace: parent has " + parent + "; expected a whole number from -1 on");
  }
  EXPECT_EQ(fault("", "3"), "trace is 3; expected a list");
  EXPECT_EQ(fault("", "[3]"), "a candidate of trace is 3; expected an object");
  EXPECT_EQ(error_of([] { read_json_line("null"); }), "the line is null; expected an object");
  EXPECT_EQ(error_of([] { read_json_line(R"({"source":"a","source_tokens":[],"translations":[7]})"); }),
            "one of translations is 7; expected an object");
}

TEST(JsonLines, TextsAreWhatTheyShouldBe) {
  const auto fault = [](const std::string& line) { return error_of([&] { read_json_line(line); }); };
  EXPECT_EQ(fault(R"({"source":3,"source_tokens":["a"]})"), "source is 3; expected a text");
  EXPECT_EQ(fault(R"({"source":"a","source_tokens":"a"})"), "source_tokens is a text; expected a list");
  EXPECT_EQ(fault(R"({"source":"a","source_tokens":["a",null]})"), "source_tokens has null; expected texts");
  EXPECT_EQ(fault(R"({"source":"a","source_tokens":["a"],"text":["b"],"tokens":["b"]})"),
            "text is a list; expected a text");
  EXPECT_EQ(fault(R"({"source":"a","source_tokens":["a"],"target":"b","target_tokens":[{}]})"),
            "target_tokens has an object; expected texts");
  EXPECT_EQ(fault(with(R"(,"cut":1)")), "cut is 1; expected true or false");
  EXPECT_EQ(fault(with(R"(,"attention_names":"one")")), "attention_names is a text; expected a list");
  EXPECT_EQ(fault(with("", R"([{"parent":0,"token":7,"log_probability":0,"score":0,"state":"kept"}])")),
            "trace: token is 7; expected a text");
}

TEST(JsonLines, WhatIsNotFiniteIsReadAsItWasWritten) {
  Translated record = full_record();
  const double none = std::nan("");
  record.translations[0].score = record.translations[0].log_probability = none;
  record.trace.candidates[1].score = record.trace.candidates[1].log_probability = none;
  const std::string line = to_json_line(record);
  EXPECT_THAT(line, HasSubstr("\"score\":null"));
  EXPECT_EQ(to_json_line(read_json_line(line)), line);
  record.translations[0].log_probabilities = {none, -1, none, -1, -1};
  const std::string scored = to_scored_line(record);
  EXPECT_EQ(to_scored_line(read_json_line(scored)), scored);
}

TEST(JsonLines, RecordsThatCannotBeWrittenAreAnError) {
  EXPECT_EQ(error_of([] { to_scored_line({}); }), "the record has no translation to write");
  EXPECT_EQ(error_of([] { to_sample_line({}); }), "the record has no translation to write");
  Translated record = full_record();
  record.trace_tokens.pop_back();
  EXPECT_EQ(error_of([&] { to_json_line(record); }), "trace_tokens has 2 tokens for 3 candidates of the trace");
  record = full_record();
  record.trace.attention.clear();
  EXPECT_EQ(error_of([&] { to_json_line(record); }), "trace: candidate 0 has attention that is not there");
}

}  // namespace
}  // namespace heed

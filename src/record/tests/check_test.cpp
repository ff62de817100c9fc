#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"
#include "heed/record/translation.h"
#include "records.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

std::string fault_of(const Translated& translated) {
  return error_of([&] { check_record(translated); });
}

TEST(CheckRecord, NumbersThatDoNotFitAreErrors) {
  Translated sentence = toy::small_record();
  sentence.translations[0].attention.pop_back();
  EXPECT_THAT(fault_of(sentence), HasSubstr("4 rows for 5 target tokens"));
  sentence = toy::small_record();
  sentence.translations[0].attention[1].pop_back();
  EXPECT_THAT(fault_of(sentence), HasSubstr("4 columns for 5 source tokens"));
  sentence = toy::small_record();
  sentence.translations[0].ranges = {{0, 2}};
  EXPECT_THAT(fault_of(sentence), HasSubstr("ranges: length 1, but the number of tokens is 5"));
  sentence = toy::small_record();
  sentence.source_ranges = {{0, 3}, {4, 6}, {6, 9}, {10, 14}, {}};
  EXPECT_THAT(fault_of(sentence),
              HasSubstr("source_ranges: that of token 4, '▁cat', [10, 14], is no part of a text of 13 bytes"));
  sentence = toy::small_record();
  sentence.translations[0].copied = std::vector{5};
  EXPECT_THAT(fault_of(sentence), HasSubstr("copied has 5"));
  sentence = toy::small_record();
  sentence.translations[0].attention_layers.assign(2, {sentence.translations[0].attention});
  sentence.attention_names = {"one"};
  EXPECT_THAT(fault_of(sentence), HasSubstr("1 names for 2 layers"));
  sentence = toy::small_record();
  sentence.trace_tokens = {"le"};
  sentence.trace.candidates = {{.parent = 0}};
  EXPECT_THAT(fault_of(sentence), HasSubstr("candidate 0 has the parent 0"));
  sentence.trace.attention = {{1, 0}};
  sentence.trace.candidates = {{.parent = -1, .attention = 0}};
  EXPECT_THAT(fault_of(sentence), HasSubstr("2 weights for 5 source tokens"));
}

TEST(CheckRecord, RangesStandInOrderAndCutNoCharacter) {
  Translated record;
  record.source = "né à";
  record.source_tokens = {"n", "é", "▁à", "</s>"};
  record.source_ranges = {{0, 1}, {1, 3}, {4, 6}, {}};
  EXPECT_EQ(fault_of(record), "");
  const auto fault = [&](std::size_t token, ByteRange range) {
    Translated damaged = record;
    damaged.source_ranges[token] = range;
    return fault_of(damaged);
  };
  EXPECT_EQ(fault(1, {2, 3}), "source_ranges: that of token 2, 'é', [2, 3], cuts a character of UTF-8");
  EXPECT_THAT(fault(2, {4, 5}), HasSubstr("[4, 5], cuts a character"));
  EXPECT_THAT(fault(1, {0, 3}), HasSubstr("token 2, 'é', [0, 3], begins before byte 1, where the previous token ends"));
  EXPECT_THAT(fault(2, {0, 1}), HasSubstr("begins before byte 3"));
  EXPECT_THAT(fault(2, {6, 4}), HasSubstr("is no part of a text of 6 bytes"));
  EXPECT_THAT(fault(3, {4, 6}), HasSubstr("token 4, '</s>', [4, 6], should be null: EOS has no text"));
}

}  // namespace
}  // namespace heed

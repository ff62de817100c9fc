#include "heed/record/merge_subwords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

Translated record_with_all() {
  Translated out = toy::small_record();
  out.source_ranges = {{0, 3}, {4, 6}, {6, 9}, {10, 13}, {}};
  Translation& to = out.translations[0];
  to.ranges = {{0, 2}, {3, 7}, {8, 10}, {10, 12}, {}};
  to.copied = std::vector{0, 2};
  to.log_probabilities = {-0.5, -0.5, -0.25, -0.5, -0.25};
  to.attention_layers = {{to.attention}};
  to.attention_members.resize(2);
  to.attention_members[0].attention = to.attention;
  to.attention_members[1].source_tokens = {"t", "he black cat", "</s>"};
  to.attention_members[1].source_ranges = {{0, 1}, {1, 13}, {}};
  to.attention_members[1].attention = AttentionWeights(5, {0.25f, 0.5f, 0.25f});
  out.trace_tokens = {"le"};
  out.trace.candidates = {{.parent = -1}};
  return out;
}

TEST(MergeSubwords, WordsStandForTheirTokens) {
  const Translated merged = merge_subwords(record_with_all());
  check_record(merged);
  EXPECT_THAT(merged.source_tokens, ElementsAre("the", "black", "cat", "</s>"));
  EXPECT_THAT(merged.source_ranges, ElementsAre(ByteRange{0, 3}, ByteRange{4, 9}, ByteRange{10, 13}, ByteRange{}));
  const Translation& to = merged.translations[0];
  EXPECT_THAT(to.tokens, ElementsAre("le", "chat", "noir", "</s>"));
  EXPECT_EQ(to.ranges[2], (ByteRange{8, 12}));
  // Columns add up; of rows 3 and 4 the mean: (0.5 + 0.25 + 0.25 + 0.75) / 2.
  EXPECT_THAT(to.attention[0], ElementsAre(0.75f, 0.1875f, 0.0625f, 0));
  EXPECT_THAT(to.attention[2], ElementsAre(0, 0.875f, 0.125f, 0));
  EXPECT_EQ(to.attention_layers[0][0], to.attention);
  EXPECT_EQ(to.attention_members[0].attention, to.attention);
  EXPECT_THAT(to.attention_members[1].source_tokens, ElementsAre("the black cat", "</s>"));
  EXPECT_THAT(to.attention_members[1].attention[1], ElementsAre(0.75f, 0.25f));
  EXPECT_THAT(to.log_probabilities, ElementsAre(-0.5, -0.5, -0.75, -0.25));
  EXPECT_THAT(*to.copied, ElementsAre(0)) << "of the third word one piece alone is copied";
  EXPECT_TRUE(merged.trace.candidates.empty());
}

TEST(MergeSubwords, WithoutRangesTheSpellingTells) {
  const Translated merged = merge_subwords(toy::small_record());
  EXPECT_THAT(merged.source_tokens, ElementsAre("▁the", "black", "▁cat", "</s>"));
  EXPECT_THAT(merged.translations[0].attention[2], ElementsAre(0, 0.875f, 0.125f, 0));
  EXPECT_TRUE(merged.translations[0].ranges.empty());
}

TEST(MergeSubwords, AnEmptyRecordStays) {
  Translated empty;
  empty.translations.emplace_back();
  EXPECT_TRUE(merge_subwords(empty).source_tokens.empty());
}

}  // namespace
}  // namespace heed

#include "heed/translate/attention_statistics.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

using Rows = std::vector<std::vector<float>>;

AttentionStatistics of(const Rows& rows) {
  AttentionStatistics out;
  out.add(rows);
  return out;
}

TEST(AttentionStatistics, BitsOfARow) {
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F}), 2);
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<float>{0, 1, 0}), 0);
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<float>{0.5F, 0.25F, 0.25F}), 1.5);
}

TEST(AttentionStatistics, SharpIsToldFromStuck) {
  const AttentionStatistics diagonal = of({{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}});
  EXPECT_DOUBLE_EQ(diagonal.entropy(), 0);
  EXPECT_DOUBLE_EQ(diagonal.maximum(), 2);
  EXPECT_DOUBLE_EQ(diagonal.movement(), 1);
  const AttentionStatistics stuck = of({{0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}});
  EXPECT_DOUBLE_EQ(stuck.entropy(), 0);
  EXPECT_DOUBLE_EQ(stuck.movement(), 0);
  const AttentionStatistics uniform = of(Rows(3, std::vector<float>(4, 0.25F)));
  EXPECT_DOUBLE_EQ(uniform.entropy(), 2);
  EXPECT_DOUBLE_EQ(uniform.movement(), 0);
  // As many places as a short target can have: half of the source.
  EXPECT_DOUBLE_EQ(of({{1, 0, 0, 0}, {0, 0, 1, 0}}).movement(), 1);
}

TEST(AttentionStatistics, IsAMeanOverTargetPositions) {
  AttentionStatistics both;
  both.add({});
  EXPECT_EQ(both.entropy(), 0);
  EXPECT_EQ(both.movement(), 0);
  both.add({{0.5F, 0.5F}});
  both.add(Rows(3, std::vector<float>(4, 0.25F)));
  EXPECT_DOUBLE_EQ(both.entropy(), (1 + 3 * 2) / 4.0);
  EXPECT_DOUBLE_EQ(both.maximum(), (1 + 3 * 2) / 4.0);
}

}  // namespace
}  // namespace heed

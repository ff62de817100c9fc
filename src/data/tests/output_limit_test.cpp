#include "heed/data/output_limit.h"

#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/base/length_limit.h"
#include "heed/base/rng.h"
#include "heed/data/examples.h"
#include "kept_ids.h"

namespace heed {
namespace {

Example pair_of(int source, int target) {
  return {kept(std::vector<int>(static_cast<std::size_t>(source), 3)),
          kept(std::vector<int>(static_cast<std::size_t>(target), 3))};
}

Examples examples_of(const std::vector<Example>& pairs) {
  Examples out;
  for (const Example& pair : pairs) out.add(pair);
  return out;
}

/// Room for a source of so many tokens, EOS aside.
int room(const OutputLimit& limit, int source) { return length_limit(limit.ratio, limit.extra, source + 1) - 1; }

TEST(OutputLimit, LeavesEveryTrainingPairRoom) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Rng rng(seed);
    Examples pairs;
    const int count = 1 + static_cast<int>(rng.below(200));
    const double ratio = 0.1 + 0.4 * static_cast<double>(seed);
    for (int i = 0; i < count; ++i) {
      const int source = 1 + static_cast<int>(rng.below(40));
      const bool outlier = rng.below(50) == 0;
      pairs.add(pair_of(source, outlier ? 300 : 1 + static_cast<int>(ratio * source * (1 + 0.5 * rng.uniform()))));
    }
    const OutputLimit limit = OutputLimit::fit(pairs);
    for (const Example& pair : pairs.all()) {
      const int target = static_cast<int>(pair.target.size());
      EXPECT_GE(room(limit, static_cast<int>(pair.source.size())), target + target / 5) << limit.text();
    }
  }
}

TEST(OutputLimit, GrowsWithTheSourceAsTrainingPairsDo) {
  Examples spelt;  // each digit is eight letters
  for (int n = 1; n <= 12; ++n) spelt.add(pair_of(n, 8 * n));
  EXPECT_GE(room(OutputLimit::fit(spelt), 100), 800);
  Examples read;  // eight letters are a word
  for (int n = 1; n <= 12; ++n) read.add(pair_of(8 * n, n));
  EXPECT_LT(room(OutputLimit::fit(read), 80), 40);
}

TEST(OutputLimit, OnePairPutTogetherByMistakeStretchesNoLongAnswers) {
  Examples pairs;
  for (int i = 0; i < 300; ++i) pairs.add(pair_of(1 + i % 30, 1 + i % 30));
  const int before = room(OutputLimit::fit(pairs), 100);
  pairs.add(pair_of(1, 80));
  const OutputLimit limit = OutputLimit::fit(pairs);
  EXPECT_GE(room(limit, 1), 80);
  EXPECT_LE(room(limit, 100), before + 100);
  EXPECT_GE(room(limit, 100), 100);  // nor does it make them short, as a line through it would
}

TEST(OutputLimit, SourcesOfOneTokenAndASinglePair) {
  const OutputLimit names = OutputLimit::fit(examples_of({pair_of(1, 3), pair_of(1, 60), pair_of(1, 9)}));
  EXPECT_GE(room(names, 1), 60);
  const OutputLimit one = OutputLimit::fit(examples_of({pair_of(4, 5)}));
  EXPECT_GE(room(one, 4), 15);
  EXPECT_LT(room(one, 4), 40);
}

TEST(OutputLimit, IsReadAsItIsWritten) {
  for (const OutputLimit limit : {OutputLimit{}, OutputLimit{1.25, 0}, OutputLimit{0, 7}, OutputLimit{0.31, 1000000}}) {
    const OutputLimit read = OutputLimit::parse(limit.text());
    EXPECT_EQ(read.ratio, limit.ratio) << limit.text();
    EXPECT_EQ(read.extra, limit.extra) << limit.text();
  }
  EXPECT_EQ(OutputLimit{}.text(), "x2+20");
  for (const char* wrong : {"", "0", "-3", "x", "x0", "x-1", "xnan", "xinf", "x2+", "x2+-1", "2.5", "x2+1.5", "2x",
                            " 5", "5 ", "x1e9", "99999999999", "+5", "x2 + 5"}) {
    EXPECT_THROW(OutputLimit::parse(wrong), UsageError) << wrong;
  }
}

TEST(OutputLimit, IsAtLeastOneToken) {
  EXPECT_EQ(length_limit(0.01, 0, 5), 1);
  EXPECT_EQ(length_limit(1e4, 1000000, 2000000000), 2147483647);
}

}  // namespace
}  // namespace heed

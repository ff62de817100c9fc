#include "heed/metrics/aer.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/error.h"

namespace heed {
namespace {

using Lines = std::vector<std::string>;
using testing::HasSubstr;

TEST(Aer, SureAndPossibleByHand) {
  // A = {0-0, 1-2, 2-1, 3-3}, S = {0-0, 1-1, 3-3}, P = S and {1-2}:
  // |A and S| = 2, |A and P| = 3: AER = 1 - 5 / (4 + 3), precision 3/4, recall 2/3.
  const AerScore score = aer({"0-0 1-2 2-1 3-3"}, {"0-0 1-1 3-3"}, {"1-2"});
  EXPECT_NEAR(score.score, 100 * 2 / 7., 1e-9);
  EXPECT_NEAR(score.precision, 75, 1e-9);
  EXPECT_NEAR(score.recall, 100 * 2 / 3., 1e-9);
  EXPECT_NEAR(score.f1, 100 * 12 / 17., 1e-9);  // 2 (3/4) (2/3) / (3/4 + 2/3)
}

TEST(Aer, PossibleLinksContainTheSureOnes) {
  const AerScore without = aer({"0-0 1-2 2-1 3-3"}, {"0-0 1-1 3-3"}, {"1-2"});
  const AerScore with = aer({"0-0 1-2 2-1 3-3"}, {"0-0 1-1 3-3"}, {"0-0 1-1 1-2 3-3"});
  EXPECT_DOUBLE_EQ(without.score, with.score);
  EXPECT_DOUBLE_EQ(without.precision, with.precision);
}

TEST(Aer, WithoutPossibleItIsOneMinusF) {
  // |A| = 3, |S| = 2, both have 1-1: 1 - 2 / 5.
  const AerScore score = aer({"0-0 1-1 2-2"}, {"1-1 2-3"});
  EXPECT_NEAR(score.score, 60, 1e-9);
  EXPECT_NEAR(score.precision, 100 / 3., 1e-9);
  EXPECT_NEAR(score.recall, 50, 1e-9);
  EXPECT_NEAR(score.f1, 40, 1e-9);
}

TEST(Aer, CountsAreSummedOverTheCorpus) {
  // First: 2 of 2 right. Second: 1 link, wrong, 2 sure. 1 - (2 + 2) / (3 + 4), not the mean of 0 and 1.
  EXPECT_NEAR(aer({"0-0 1-1", "0-0"}, {"0-0 1-1", "0-1 1-0"}).score, 100 * 3 / 7., 1e-9);
}

TEST(Aer, Bounds) {
  EXPECT_DOUBLE_EQ(aer({"0-0 1-1"}, {"1-1 0-0"}).score, 0);      // order does not count
  EXPECT_DOUBLE_EQ(aer({"0-0 0-0 1-1"}, {"1-1 0-0"}).score, 0);  // nor repetition
  EXPECT_DOUBLE_EQ(aer({"0-1"}, {"1-0"}).score, 100);            // direction does
  EXPECT_DOUBLE_EQ(aer({"0-0"}, {""}, {"0-0"}).score, 0);
  EXPECT_DOUBLE_EQ(aer({""}, {""}).score, 0);
  EXPECT_DOUBLE_EQ(aer({""}, {"0-0"}).score, 100);
  EXPECT_DOUBLE_EQ(aer({""}, {"0-0"}).f1, 0);
  EXPECT_DOUBLE_EQ(aer({"  10-12\t3-4\r"}, {"3-4 10-12"}).score, 0);
}

std::string aer_error(const Lines& alignments, const Lines& sure, const Lines& possible = {}) {
  return error_of([&] { aer(alignments, sure, possible); });
}

TEST(Aer, MalformedLinksAreErrorsWithTheirLine) {
  const std::vector<std::string> malformed = {"1",    "1:2", "a-b",           "1-",  "-1", "1--2",
                                              "1-2x", "1?2", "99999999999-1", "1-+2"};
  for (const std::string& link : malformed) {
    EXPECT_EQ(aer_error({"0-0", "0-0 " + link}, {"0-0", ""}),
              "alignments:2: '" + link + "' is no link; it would be like '3-4', word numbers counted from 0");
  }
  EXPECT_THAT(aer_error({"0-0"}, {"x"}), HasSubstr("sure links:1: 'x'"));
  EXPECT_THAT(aer_error({"0-0"}, {""}, {"y"}), HasSubstr("possible links:1: 'y'"));
}

TEST(Aer, BlocksAreCountedAsAllAtOnce) {
  AerCounts counts;
  counts.add({"0-0 1-1", "0-0"}, {"0-0 1-1", "0-1 1-0"});
  counts.add({"1-1"}, {"2-2"}, {"1-1"});
  EXPECT_EQ(counts.score().score, aer({"0-0 1-1", "0-0", "1-1"}, {"0-0 1-1", "0-1 1-0", "2-2"}, {"", "", "1-1"}).score);
  EXPECT_THAT(error_of([&] { counts.add({"0-0", "0-0"}, {"", "x"}); }), HasSubstr("sure links:5: 'x'"));
}

TEST(Aer, CountsOfSentencesMustAgree) {
  EXPECT_EQ(aer_error({"0-0"}, {"0-0", ""}), "1 line of alignments but 2 of sure links");
  EXPECT_EQ(aer_error({"0-0"}, {"0-0"}, {"", ""}), "1 line of alignments but 1 of sure and 2 of possible links");
  EXPECT_EQ(aer_error({}, {}), "there are no alignments to evaluate");
}

}  // namespace
}  // namespace heed

#include "heed/metrics/aer.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/metrics/comparison.h"

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

TEST(Aer, OfContentWordsByHand) {
  // Source words 0, 1 and 4 have gold links: of A = {0-0, 1-2, 2-1, 3-3} the first two count, and both are possible:
  // 1 - (|A and S| + |A and P|) / (2 + |S|) = 1 - (1 + 2) / (2 + 3); of the words 0 and 4 with sure links 0 is hit.
  const AerScore score = aer({"0-0 1-2 2-1 3-3"}, {"0-0 0-1 4-4"}, {"1-2"});
  EXPECT_NEAR(score.content, 40, 1e-9);
  EXPECT_NEAR(score.content_precision, 100, 1e-9);
  EXPECT_NEAR(score.hit, 50, 1e-9);
  EXPECT_NEAR(score.score, 100 * 4 / 7., 1e-9);  // 1 - (1 + 2) / (4 + 3)
  // A possible link of a word with sure ones is no hit.
  EXPECT_NEAR(aer({"0-1"}, {"0-0"}, {"0-1"}).hit, 0, 1e-9);
  // Where all source words have gold links, it is the rate.
  const AerScore all = aer({"0-0 1-0"}, {"0-0 1-1"});
  EXPECT_DOUBLE_EQ(all.content, all.score);
  EXPECT_DOUBLE_EQ(aer({"0-0"}, {""}).content, 0);
  EXPECT_DOUBLE_EQ(aer({"0-0"}, {""}).hit, 0);
}

TEST(Aer, MetricsByNameCountLines) {
  const Lines a = {"0-0 1-2 2-1 3-3", "0-0", ""};
  const std::vector<Lines> gold = {{"0-0 0-1 4-4", "1-1", "0-0"}, {"1-2", "", ""}};
  const AerScore score = aer(a, gold[0], gold[1]);
  const auto value = [&](const char* name) { return CountedMetric(name, a, gold).corpus(); };
  EXPECT_DOUBLE_EQ(value("aer").value, score.score);
  EXPECT_DOUBLE_EQ(value("content-aer").value, score.content);
  EXPECT_DOUBLE_EQ(value("alignment-hit").value, score.hit);
  EXPECT_THAT(value("content-aer").details, testing::Contains(std::pair("precision", score.content_precision)));
  EXPECT_DOUBLE_EQ(CountedMetric("content-aer", a, gold).sentence(0).value, 40);
  EXPECT_DOUBLE_EQ(CountedMetric("aer", a, {gold[0]}).corpus().value, aer(a, gold[0]).score);
  CountedMetric read("content-aer");
  const std::vector<AlignedLinks> sentences = {{parse_links(a[0]), parse_links(gold[0][0]), parse_links(gold[1][0])},
                                               {{{0, 0}}, {{1, 1}}, {}},
                                               {{}, {{0, 0}}, {}}};
  read.add(sentences);
  EXPECT_DOUBLE_EQ(read.corpus().value, score.content);
  EXPECT_EQ(read.sentences(), 3);
  EXPECT_EQ(error_of([&] { CountedMetric("bleu").add(sentences); }), "metric 'bleu' is of texts, not of alignments");
  const std::vector<CountedMetric> systems = {CountedMetric("aer", a, gold), CountedMetric("aer", gold[0], gold)};
  const std::vector<ComparedSystem> compared = compare_systems(systems, {.bootstrap = 100});
  EXPECT_EQ(compared[1].figure.value, 0);
  EXPECT_LE(compared[0].interval->low, compared[0].figure.value);
  EXPECT_EQ(compared[0].figure.signature, "");
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

#include "heed/metrics/accuracy.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"
#include "heed/base/version.h"
#include "heed/metrics/references.h"

namespace heed {
namespace {

TEST(Accuracy, CountsWholeLines) {
  const AccuracyScore score = accuracy({"a b", "a  b", "c", "d e"}, {{"a b", "a b", "c ", "de"}});
  EXPECT_EQ(score.correct, 3);  // of blanks only whether there is one counts
  EXPECT_EQ(score.all, 4);
  EXPECT_DOUBLE_EQ(score.score, 75);
  EXPECT_EQ(score.signature, std::string("accuracy|nrefs:1|case:mixed|version:heed-") + kVersion);
}

TEST(Accuracy, AnyReferenceWillDo) {
  EXPECT_DOUBLE_EQ(accuracy({"a", "b", "c"}, {{"x", "b", "x"}, {"a", "y", "y"}}).score, 100 * 2 / 3.);
}

TEST(Accuracy, EmptyLines) {
  EXPECT_DOUBLE_EQ(accuracy({""}, {{""}}).score, 100);
  EXPECT_DOUBLE_EQ(accuracy({""}, {{"a"}, {""}}).score, 100);  // an empty line is a reference like any other
  EXPECT_DOUBLE_EQ(accuracy({""}, {{"a"}, {kNoReference}}).score, 0);
  EXPECT_DOUBLE_EQ(accuracy({""}, without_empty({{"a"}, {""}})).score, 0);
  EXPECT_DOUBLE_EQ(accuracy({""}, {{kNoReference}, {kNoReference}}).score, 100);  // compared with the empty line
}

TEST(TokenAccuracy, CountsPlacesByHand) {
  // 2 of 3 at their place; nothing of 2, as all are moved by one; 0 of 0.
  const AccuracyScore score = token_accuracy({"a b c", "b", ""}, {{"a x c", "a b", ""}});
  EXPECT_EQ(score.correct, 2);
  EXPECT_EQ(score.all, 5);
  EXPECT_DOUBLE_EQ(score.score, 40);
  EXPECT_EQ(score.signature, std::string("token-accuracy|nrefs:1|case:mixed|version:heed-") + kVersion);
  EXPECT_DOUBLE_EQ(token_accuracy({"a b"}, {{"x b c"}, {"a y"}}).score, 50);  // the reference with the larger share
  EXPECT_DOUBLE_EQ(token_accuracy({"Ä"}, {{"ä"}}, {.lowercase = true}).score, 100);
  EXPECT_DOUBLE_EQ(token_accuracy({""}, {{""}}).score, 100);
}

TEST(Accuracy, Lowercase) {
  EXPECT_DOUBLE_EQ(accuracy({"ÖL"}, {{"öl"}}).score, 0);
  EXPECT_DOUBLE_EQ(accuracy({"ÖL"}, {{"öl"}}, {.lowercase = true}).score, 100);
  EXPECT_THROW(accuracy({"a"}, {{}}), Error);
}

}  // namespace
}  // namespace heed

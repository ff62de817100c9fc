#include "heed/metrics/accuracy.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"
#include "heed/base/version.h"

namespace heed {
namespace {

TEST(Accuracy, CountsWholeLines) {
  const AccuracyScore score = accuracy({"a b", "a  b", "c", "d e"}, {{"a b", "a b", "c ", "de"}});
  EXPECT_EQ(score.correct, 3);  // of blanks only whether there is one counts
  EXPECT_EQ(score.lines, 4);
  EXPECT_DOUBLE_EQ(score.score, 75);
  EXPECT_EQ(score.signature, std::string("nrefs:1|case:mixed|version:heed-") + kVersion);
}

TEST(Accuracy, AnyReferenceWillDo) {
  EXPECT_DOUBLE_EQ(accuracy({"a", "b", "c"}, {{"x", "b", "x"}, {"a", "y", "y"}}).score, 100 * 2 / 3.);
}

TEST(Accuracy, EmptyLines) {
  EXPECT_DOUBLE_EQ(accuracy({""}, {{""}}).score, 100);
  EXPECT_DOUBLE_EQ(accuracy({""}, {{"a"}, {""}}).score, 0);  // an empty line among references is none
}

TEST(Accuracy, Lowercase) {
  EXPECT_DOUBLE_EQ(accuracy({"ÖL"}, {{"öl"}}).score, 0);
  EXPECT_DOUBLE_EQ(accuracy({"ÖL"}, {{"öl"}}, {.lowercase = true}).score, 100);
  EXPECT_THROW(accuracy({"a"}, {{}}), Error);
}

}  // namespace
}  // namespace heed

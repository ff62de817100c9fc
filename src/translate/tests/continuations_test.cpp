#include "continuations.h"

#include <gtest/gtest.h>

#include <vector>

#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"
#include "values.h"

namespace heed {
namespace {

// The largest of groups are those of logits in which BOS still counts.
TEST(BestContinuations, OfGroupsWhoseLargestIsBos) {
  constexpr int kTokens = 3000;
  Values logits = random_values(kTokens, 1);
  logits[Vocabulary::kBegin] = 100;
  Values known;
  for (int first = 0; first < kTokens; first += kTopKGroup) {
    known.push_back(largest_of(std::span(logits).subspan(first, std::min<int>(kTopKGroup, kTokens - first))));
  }
  for (const int k : {1, 5, 30}) {
    Values plain = logits;
    std::vector<Continuation> expected(k);
    best_continuations({.logits = plain}, expected);
    Values same = logits;
    Values largest = known;
    std::vector<Continuation> found(k);
    best_continuations({.logits = same, .largest = largest}, found);
    for (int i = 0; i < k; ++i) EXPECT_EQ(found[i].token, expected[i].token) << i << " of " << k;
    EXPECT_LT(largest.front(), 100);
  }
}

}  // namespace
}  // namespace heed

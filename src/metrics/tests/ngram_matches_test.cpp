#include "ngram_matches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "heed/base/rng.h"

namespace heed {
namespace {

using Ids = std::vector<int>;
using Counts = std::map<Ids, int>;

Counts ngrams(const Ids& line, std::size_t order) {
  Counts out;
  for (std::size_t i = 0; i + order <= line.size(); ++i) ++out[Ids(line.begin() + i, line.begin() + i + order)];
  return out;
}

Ids random_line(Rng& rng, std::size_t longest) {
  Ids out(rng.below(longest + 1));
  for (int& id : out) id = static_cast<int>(rng.below(3));
  return out;
}

TEST(NgramMatches, EqualMapsOnRandomLines) {
  Rng rng(5);
  NgramMatches matches(4);
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t longest = trial == 7 ? 5000 : 12;  // one that makes the table grow
    const std::vector<Ids> references = {random_line(rng, longest), random_line(rng, 12)};
    const Ids hypothesis = random_line(rng, longest);
    matches.clear();
    for (const Ids& reference : references) matches.add_reference(reference);
    std::array<double, 4> common{};
    matches.count(hypothesis, common);
    for (std::size_t order = 1; order <= common.size(); ++order) {
      const Counts one = ngrams(references[0], order);
      const Counts other = ngrams(references[1], order);
      const auto in = [](const Counts& counts, const Ids& ngram) {
        const auto found = counts.find(ngram);
        return found == counts.end() ? 0 : found->second;
      };
      double expected = 0;
      for (const auto& [ngram, count] : ngrams(hypothesis, order))
        expected += std::min(count, std::max(in(one, ngram), in(other, ngram)));
      EXPECT_EQ(common[order - 1], expected) << "trial " << trial << ", order " << order;
    }
  }
}

TEST(NgramMatches, CountingTwiceGivesTheSame) {
  NgramMatches matches(2);
  matches.add_reference(Ids{1, 2, 1});
  for (int again = 0; again < 2; ++again) {
    std::array<double, 2> common{};
    matches.count(Ids{1, 1, 2, 1, 1}, common);
    EXPECT_EQ(common[0], 3);  // two 1, one 2
    EXPECT_EQ(common[1], 2);  // 1 2 and 2 1
  }
}

}  // namespace
}  // namespace heed

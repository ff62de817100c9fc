#include "bit_parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "heed/base/rng.h"

namespace heed {
namespace {

// The recurrences as the textbooks have them.
long plain_distance(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<std::vector<long>> table(a.size() + 1, std::vector<long>(b.size() + 1));
  std::iota(table[0].begin(), table[0].end(), 0L);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    table[i][0] = static_cast<long>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      table[i][j] =
          std::min({table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), table[i - 1][j] + 1, table[i][j - 1] + 1});
    }
  }
  return table[a.size()][b.size()];
}

long plain_subsequence(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<std::vector<long>> table(a.size() + 1, std::vector<long>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.size()][b.size()];
}

std::vector<int> words(Rng& rng, std::size_t count, int vocabulary) {
  std::vector<int> out(count);
  for (int& word : out) word = static_cast<int>(rng.below(static_cast<std::uint64_t>(vocabulary)));
  return out;
}

// A copy with some words changed, left out or put in: distances that are small beside the lengths.
std::vector<int> changed(Rng& rng, const std::vector<int>& line, int vocabulary) {
  std::vector<int> out;
  for (const int word : line) {
    const std::uint64_t kind = rng.below(12);
    if (kind == 0) continue;
    out.push_back(kind == 1 ? words(rng, 1, vocabulary).front() : word);
    if (kind == 2) out.push_back(words(rng, 1, vocabulary).front());
  }
  return out;
}

TEST(BitParallel, IsWhatTheTablesSay) {
  Rng rng(5);
  for (int round = 0; round < 400; ++round) {
    const int vocabulary = 1 + static_cast<int>(rng.below(20));
    const std::vector<int> a = words(rng, rng.below(200), vocabulary);
    const std::vector<int> b = round % 2 == 0 ? words(rng, rng.below(200), vocabulary) : changed(rng, a, vocabulary);
    ASSERT_EQ(edit_distance(a, b), plain_distance(a, b)) << "round " << round;
    ASSERT_EQ(common_subsequence(a, b), plain_subsequence(a, b)) << "round " << round;
  }
}

TEST(BitParallel, EdgesOfBlocks) {
  Rng rng(7);
  for (const std::size_t m : {0, 1, 63, 64, 65, 127, 128, 129}) {
    for (const std::size_t n : {0, 1, 63, 64, 65, 128}) {
      const std::vector<int> a = words(rng, m, 3);
      const std::vector<int> b = words(rng, n, 3);
      ASSERT_EQ(edit_distance(a, b), plain_distance(a, b)) << m << " and " << n;
      ASSERT_EQ(common_subsequence(a, b), plain_subsequence(a, b)) << m << " and " << n;
    }
  }
}

}  // namespace
}  // namespace heed

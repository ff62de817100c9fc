#include "heed/base/symmetrization.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"

namespace heed {
namespace {

std::string joined(const std::string& forward, const std::string& backward, const std::string& how) {
  return to_pharaoh(symmetrized(parse_links(forward), parse_links(backward), find_symmetrization(how)));
}

TEST(Symmetrization, IntersectionAndUnion) {
  EXPECT_EQ(joined("2-1 0-0 1-1", "0-0 1-2 2-1", "intersection"), "0-0 2-1");
  EXPECT_EQ(joined("2-1 0-0 1-1", "0-0 1-2 2-1", "union"), "0-0 1-1 1-2 2-1");
  EXPECT_EQ(joined("", "", "grow-diag-final-and"), "");
  EXPECT_EQ(error_of([] { find_symmetrization("intersect"); }),
            "unknown symmetrization 'intersect'; did you mean 'intersection'?");
}

TEST(Symmetrization, GrowsBesideLinksAndAddsWhatBothLackAtTheEnd) {
  EXPECT_EQ(joined("0-0 1-0", "0-0", "grow-diag-final-and"), "0-0 1-0");      // beside 0-0, source word 1 is free
  EXPECT_EQ(joined("0-0 1-1", "0-0", "grow-diag-final-and"), "0-0 1-1");      // diagonally
  EXPECT_EQ(joined("0-0 3-0", "0-0", "grow-diag-final-and"), "0-0");          // touches nothing, and word 0 has a link
  EXPECT_EQ(joined("0-0 3-3", "0-0 4-3", "grow-diag-final-and"), "0-0 3-3");  // forward comes first
}

// Random links, symmetrised by a transcription of the algorithm of fast_align's atools.
TEST(Symmetrization, OfReferenceLinksIsThatOfAtools) {
  EXPECT_EQ(joined("0-0 1-4 2-1 2-2 3-3 3-5 3-6 4-7 6-9 9-8", "0-0 2-1 3-3 4-5 5-6 7-8 8-7 9-9", "grow-diag-final-and"),
            "0-0 1-4 2-1 2-2 3-3 4-7 5-6 6-9 9-8");
  EXPECT_EQ(joined("0-2 0-3 0-6 1-1 1-4 1-6 1-7 2-8 3-1 3-5 4-3 4-7 5-5 5-8",
                   "0-5 1-5 1-6 2-1 2-6 3-0 3-2 3-5 4-6 4-7 5-3 5-5", "grow-diag-final-and"),
            "0-2 0-3 0-5 1-1 1-4 1-6 2-6 3-5 4-7 5-5 5-8");
  EXPECT_EQ(joined("0-8 1-1 1-11 2-1 2-7 2-11 3-0 3-1 3-3 3-4 3-7 4-1 4-3 4-4",
                   "0-11 1-0 1-6 1-9 2-3 2-11 3-0 3-6 3-7 3-10 4-4", "grow-diag-final-and"),
            "0-11 1-11 2-1 2-11 3-0 3-3 3-6 3-7 3-10 4-4");
  EXPECT_EQ(joined("0-0 2-2 3-1 3-3 7-4 7-5", "0-0 1-1 2-2 4-0 5-5 8-3", "grow-diag-final-and"),
            "0-0 1-1 2-2 3-1 3-3 4-0 5-5 7-4");
  EXPECT_EQ(joined("0-1 0-2 2-0 3-5 4-3 4-4 6-7 6-8 7-6 8-10 10-11", "0-0 1-1 2-4 3-3 4-4 5-6 6-6 7-8 8-6 9-10 10-11",
                   "grow-diag-final-and"),
            "0-1 2-4 3-3 3-5 4-4 6-7 7-6 8-10 9-10 10-11");
  EXPECT_EQ(
      joined("0-1 1-0 2-4 3-2 4-3 5-5 7-6 10-7 10-8", "1-0 2-0 4-1 5-5 6-3 7-4 8-6 9-7 10-8", "grow-diag-final-and"),
      "0-1 1-0 2-0 3-2 4-3 5-5 7-6 8-6 9-7 10-8");
}

// The definition, in matrices (Koehn et al. 2003; Moses' manual, "Align words"), in the order of the header.
using Grid = std::vector<std::vector<bool>>;
constexpr int kWords = 9;

struct ByGrid {
  Grid links = Grid(kWords, std::vector<bool>(kWords));

  bool row(int i) const { return std::find(links[i].begin(), links[i].end(), true) != links[i].end(); }
  bool column(int j) const {
    return std::any_of(links.begin(), links.end(), [&](const std::vector<bool>& row) { return row[j]; });
  }
  bool near(int i, int j) const {
    for (int a = std::max(i - 1, 0); a <= std::min(i + 1, kWords - 1); ++a) {
      for (int b = std::max(j - 1, 0); b <= std::min(j + 1, kWords - 1); ++b) {
        if (links[a][b]) return true;
      }
    }
    return false;
  }
};

template <typename Wanted>
bool sweep(const Grid& from, ByGrid& to, const Wanted& wanted) {
  bool added = false;
  for (int i = 0; i < kWords; ++i) {
    for (int j = 0; j < kWords; ++j) {
      if (!from[i][j] || to.links[i][j] || !wanted(i, j)) continue;
      to.links[i][j] = true;
      added = true;
    }
  }
  return added;
}

std::string by_grid(const Grid& forward, const Grid& backward) {
  ByGrid to;
  Grid either = forward;
  for (int i = 0; i < kWords; ++i) {
    for (int j = 0; j < kWords; ++j) {
      to.links[i][j] = forward[i][j] && backward[i][j];
      either[i][j] = forward[i][j] || backward[i][j];
    }
  }
  while (sweep(either, to, [&](int i, int j) { return to.near(i, j) && !(to.row(i) && to.column(j)); })) {
  }
  for (const Grid& last : {forward, backward}) {
    sweep(last, to, [&](int i, int j) { return !to.row(i) && !to.column(j); });
  }
  std::vector<Link> out;
  for (int i = 0; i < kWords; ++i) {
    for (int j = 0; j < kWords; ++j) {
      if (to.links[i][j]) out.push_back({i, j});
    }
  }
  return to_pharaoh(out);
}

TEST(Symmetrization, OfRandomLinksIsThatOfTheDefinition) {
  Rng rng(3);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<Link> links[2];
    Grid grids[2] = {Grid(kWords, std::vector<bool>(kWords)), Grid(kWords, std::vector<bool>(kWords))};
    for (int side = 0; side < 2; ++side) {
      for (int count = trial % 25; count > 0; --count) {
        const Link link{static_cast<int>(rng.below(kWords)), static_cast<int>(rng.below(kWords))};
        links[side].push_back(link);
        grids[side][link.source][link.target] = true;
      }
    }
    ASSERT_EQ(to_pharaoh(symmetrized(links[0], links[1], Symmetrization::kGrowDiagonalFinal)),
              by_grid(grids[0], grids[1]))
        << to_pharaoh(links[0]) << " and " << to_pharaoh(links[1]);
  }
}

}  // namespace
}  // namespace heed

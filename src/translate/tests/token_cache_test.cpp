#include "token_cache.h"

#include <gmock/gmock.h>

#include <array>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Variable filled(Tape& tape, std::int64_t rows, std::int64_t columns, float first) {
  const Variable out = tape.variable(rows, columns);
  for (std::int64_t i = 0; i < out.value().size(); ++i) out.value().data[i] = first + static_cast<float>(i);
  return out;
}

TEST(TokenCache, KeepsTheRowsOfEachWord) {
  Arena arena;
  Tape tape(arena);
  TokenCache cache;
  EXPECT_FALSE(cache.keeps());
  cache.restart(5, std::array<std::int64_t, 2>{2, 3}, 100);
  ASSERT_TRUE(cache.keeps());
  EXPECT_THAT(cache.missing(std::array{4, 1, 4, -1, 5}), ElementsAre(1, 4));
  EXPECT_THAT(cache.missing(std::array{4, 1}), ElementsAre(1, 4));  // nothing was added
  cache.add(std::array{filled(tape, 2, 2, 10), filled(tape, 2, 3, 20)});
  EXPECT_THAT(cache.missing(std::array{1, 4}), IsEmpty());
  EXPECT_THAT(cache.missing(std::array{1, 0, 4}), ElementsAre(0));
  cache.add(std::array{filled(tape, 1, 2, 30), filled(tape, 1, 3, 40)});
  const Tensor& first = cache.tables()[0].view();
  EXPECT_THAT((std::array{first.row(0)[0], first.row(1)[0], first.row(4)[0], first.row(4)[1]}),
              ElementsAre(30, 10, 12, 13));
  const Tensor& second = cache.tables()[1].view();
  EXPECT_THAT((std::array{second.row(0)[2], second.row(1)[2], second.row(4)[2]}), ElementsAre(42, 22, 25));
  cache.restart(5, std::array<std::int64_t, 1>{2}, 100);
  EXPECT_THAT(cache.missing(std::array{1, 4}), ElementsAre(1, 4));
}

TEST(TokenCache, KeepsNothingThatWouldBeLarge) {
  TokenCache cache;
  cache.restart(5, std::array<std::int64_t, 2>{2, 3}, 5 * 5 * 4);
  EXPECT_TRUE(cache.keeps());
  cache.restart(5, std::array<std::int64_t, 2>{2, 3}, 5 * 5 * 4 - 1);
  EXPECT_FALSE(cache.keeps());
}

}  // namespace
}  // namespace heed

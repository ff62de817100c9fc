#include <unistd.h>

#include <algorithm>
#include <array>

#include "heed/tensor/arena.h"
#include "heed/tensor/buffer.h"
#include "values.h"

namespace heed {
namespace {

bool aligned(const void* data) { return reinterpret_cast<std::uintptr_t>(data) % 64 == 0; }

TEST(Arena, GivesAlignedMemoryThatDoesNotOverlap) {
  Arena arena;
  std::vector<Tensor> tensors;
  for (int i = 0; i < 40; ++i) {
    tensors.push_back(arena.tensor(1 + i % 7, 1 + 3 * i));
    ASSERT_TRUE(aligned(tensors.back().data));
    std::fill_n(tensors.back().data, tensors.back().size(), static_cast<float>(i));
  }
  for (int i = 0; i < 40; ++i) {
    for (std::int64_t k = 0; k < tensors[i].size(); ++k) ASSERT_EQ(tensors[i].data[k], static_cast<float>(i));
  }
}

TEST(Arena, ZerosAreZeroInUsedMemoryToo) {
  Arena arena;
  for (int round = 0; round < 2; ++round) {
    const Tensor zeros = arena.zeros(13, 17);
    for (std::int64_t i = 0; i < zeros.size(); ++i) ASSERT_EQ(zeros.data[i], 0.0F);
    std::fill_n(zeros.data, zeros.size(), 5.0F);
    arena.reset();
  }
}

TEST(Arena, HoldsObjectsAndArrays) {
  struct Pair {
    int a;
    double b;
  };
  Arena arena;
  const Pair* pair = arena.make<Pair>(3, 0.5);
  const std::array<int, 3> values = {7, 8, 9};
  const std::span<const int> copy = arena.copy(std::span<const int>(values));
  EXPECT_TRUE(arena.copy(std::span<const int>()).empty());
  EXPECT_EQ(pair->a, 3);
  EXPECT_EQ(pair->b, 0.5);
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), values.begin()));
  EXPECT_NE(copy.data(), values.data());
}

TEST(Arena, ResetMergesChunksIntoOneThatIsJustLargeEnough) {
  Arena arena;
  EXPECT_EQ(arena.capacity(), 0U);
  for (int i = 0; i < 30; ++i) arena.tensor(100, 1000);
  const std::size_t capacity = arena.capacity();
  EXPECT_GE(capacity, 30U * 100 * 1000 * sizeof(float));
  arena.reset();
  const std::size_t merged = arena.capacity();
  EXPECT_LE(merged, capacity);
  EXPECT_GE(merged, 30U * 100 * 1000 * sizeof(float));
  // One chunk now: what came from several fits without a gap.
  const Tensor whole = arena.tensor(1, static_cast<std::int64_t>(merged / sizeof(float)));
  EXPECT_EQ(arena.capacity(), merged);
  std::fill_n(whole.data, whole.size(), 1.0F);
}

TEST(Arena, DoesNotGrowOverBatchesOfTheSameSize) {
  Arena arena;
  const auto batch = [&] {
    for (int i = 0; i < 50; ++i) arena.tensor(64, 1 + 37 * i);
    arena.reset();
  };
  batch();
  batch();
  const std::size_t capacity = arena.capacity();
  for (int i = 0; i < 20; ++i) batch();
  EXPECT_EQ(arena.capacity(), capacity);
}

TEST(Arena, GivesEmptyTensorsAPlace) {
  Arena arena;
  const Tensor none = arena.tensor(0, 5);
  EXPECT_FALSE(none.empty());
  EXPECT_EQ(none.size(), 0);
}

TEST(Buffer, StartsAtZeroAndAligned) {
  for (const std::int64_t columns : {1, 17, 1000, 600'000}) {
    const Buffer buffer(3, columns);
    ASSERT_TRUE(aligned(buffer.view().data));
    EXPECT_EQ(buffer.view().size(), 3 * columns);
    EXPECT_TRUE(std::all_of(buffer.view().data, buffer.view().data + 3 * columns, [](float x) { return x == 0.0F; }));
  }
}

TEST(Buffer, Moves) {
  Buffer first(2, 3);
  first.view().data[5] = 4.0F;
  const float* data = first.view().data;
  Buffer second(std::move(first));
  EXPECT_EQ(second.view().data, data);
  Buffer third(7, 7);
  third = std::move(second);
  EXPECT_EQ(third.view().data, data);
  EXPECT_EQ(third.view().rows, 2);
  EXPECT_EQ(third.view().data[5], 4.0F);
  EXPECT_TRUE(Buffer().view().empty());
}

TEST(Tensor, SliceIsAViewOfRows) {
  Values values = random_values(15, 1);
  const Tensor all = matrix(values, 5, 3);
  const Tensor some = all.slice(2, 2);
  EXPECT_EQ(some.data, values.data() + 6);
  EXPECT_EQ(some.rows, 2);
  EXPECT_EQ(some.columns, 3);
  EXPECT_EQ(some.row(1), values.data() + 9);
}

TEST(Buffer, GivesPagesBackWithoutTheirNeighbours) {
  const std::int64_t page = sysconf(_SC_PAGESIZE) / static_cast<std::int64_t>(sizeof(float));
  const Buffer buffer(1, 8 * page);
  float* const data = buffer.view().data;
  std::fill_n(data, 8 * page, 1.0F);
  float* const first = data + page + 5;
  const std::int64_t count = 4 * page;
  give_back_pages(first, count);
  for (float* at = data; at < data + 8 * page; ++at) {
    if (at < first || at >= first + count) {
      ASSERT_EQ(*at, 1.0F) << at - data;
    }
  }
  const auto begin = reinterpret_cast<std::uintptr_t>(first);
  const std::uintptr_t bytes = static_cast<std::uintptr_t>(page) * sizeof(float);
  const auto* const whole = reinterpret_cast<const float*>((begin + bytes - 1) / bytes * bytes);
  EXPECT_EQ(whole[0], 0.0F);  // as Linux gives it
  EXPECT_EQ(whole[3 * page - 1], 0.0F);
}

}  // namespace
}  // namespace heed

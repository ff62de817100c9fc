#include "heed/kernels/float_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "float_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 8>;  // so that a tile's sums fit 16 registers
constexpr std::int64_t kLanes = hn::MaxLanes(Floats());
constexpr std::int64_t kPanel = FloatPanels::kOut;
constexpr std::int64_t kVectors = kPanel / kLanes;  // of a panel

// Rows of x that all panels meet while they stay in the second cache. Blocks of inputs besides gave nothing.
constexpr std::int64_t kRowBlock = 96;
// Of a tile, and of one of few rows: they leave registers, of 32 and of 16, for its operands.
#if defined(__aarch64__)
constexpr std::int64_t kSums = 24;
constexpr std::int64_t kFewSums = 16;
#else
constexpr std::int64_t kSums = 12;
constexpr std::int64_t kFewSums = 12;
#endif
constexpr std::int64_t kColumns = FloatPanels::kColumns;
constexpr std::int64_t kMostRows = HWY_MIN(HWY_MAX(kSums / kVectors, std::int64_t{1}), kColumns);  // of a tile

enum class First { kInRows, kInColumns };  // how the first operand lies

// The first `outputs` numbers of a row of a tile.
template <std::int64_t kCount>
HWY_INLINE void StoreRow(const hn::Vec<Floats>* sums, std::int64_t outputs, bool add, float* y) {
  const Floats f;
  if (outputs >= kCount * kLanes) {
    HWY_UNROLL(16)
    for (std::int64_t v = 0; v < kCount; ++v) {
      float* to = y + v * kLanes;
      hn::StoreU(add ? hn::Add(hn::LoadU(f, to), sums[v]) : sums[v], f, to);
    }
    return;
  }
  HWY_ALIGN float rest[kCount * kLanes];
  HWY_UNROLL(16)
  for (std::int64_t v = 0; v < kCount; ++v) hn::Store(sums[v], f, rest + v * kLanes);
  for (std::int64_t n = 0; n < outputs; ++n) y[n] = add ? y[n] + rest[n] : rest[n];
}

// kRows rows from `row` by kPanels panels from `panel`. Without unrolling, sums would not stay in registers.
template <std::int64_t kRows, std::int64_t kPanels, First kFirst = First::kInRows>
HWY_INLINE void MultiplyTile(const FloatProduct& of, std::int64_t row, std::int64_t panel) {
  constexpr std::int64_t kCount = kPanels * kVectors;
  const Floats f;
  const std::int64_t first = panel * kPanel;
  const std::int64_t outputs = HWY_MIN(kPanels * kPanel, of.out - first);
  float* y = of.y + row * of.stride + first;
  hn::Vec<Floats> sums[kRows][kCount];
  HWY_UNROLL(16)
  for (std::int64_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (std::int64_t n = 0; n < kCount; ++n) sums[r][n] = hn::Zero(f);
  }
  const float* HWY_RESTRICT x =
      of.x + (kFirst == First::kInRows ? row * of.in : row / kColumns * kColumns * of.step + row % kColumns);
  const auto input = [&](std::int64_t r, std::int64_t k) {
    return hn::Set(f, kFirst == First::kInRows ? x[r * of.in + k] : x[k * kColumns + r]);
  };
  const float* HWY_RESTRICT weights = of.panels + panel * of.step * kPanel;
  const auto load = [&](std::int64_t k, std::int64_t n) {
    return hn::LoadU(f, weights + (n / kVectors * of.step + k) * kPanel + n % kVectors * kLanes);
  };
  for (std::int64_t k = 0; k < of.in; ++k) {
    if constexpr (kRows <= kCount) {  // the fewer operands wait in registers
      hn::Vec<Floats> inputs[kRows];
      HWY_UNROLL(16)
      for (std::int64_t r = 0; r < kRows; ++r) inputs[r] = input(r, k);
      HWY_UNROLL(16)
      for (std::int64_t n = 0; n < kCount; ++n) {
        const auto w = load(k, n);
        HWY_UNROLL(16)
        for (std::int64_t r = 0; r < kRows; ++r) sums[r][n] = hn::MulAdd(inputs[r], w, sums[r][n]);
      }
    } else {
      hn::Vec<Floats> w[kCount];
      HWY_UNROLL(16)
      for (std::int64_t n = 0; n < kCount; ++n) w[n] = load(k, n);
      HWY_UNROLL(16)
      for (std::int64_t r = 0; r < kRows; ++r) {
        const auto one = input(r, k);
        HWY_UNROLL(16)
        for (std::int64_t n = 0; n < kCount; ++n) sums[r][n] = hn::MulAdd(one, w[n], sums[r][n]);
      }
    }
  }
  HWY_UNROLL(16)
  for (std::int64_t r = 0; r < kRows; ++r) StoreRow<kCount>(sums[r], outputs, of.add, y + r * of.stride);
}

// As many panels at once as leave enough sums that wait for nothing.
template <std::int64_t kRows>
void MultiplyFewRows(const FloatProduct& of, std::int64_t row) {
  constexpr std::int64_t kPanels = HWY_MAX(kFewSums / (kRows * kVectors), std::int64_t{1});
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  std::int64_t panel = 0;
  for (; panel + kPanels <= panels; panel += kPanels) MultiplyTile<kRows, kPanels>(of, row, panel);
  for (; panel < panels; ++panel) MultiplyTile<kRows, 1>(of, row, panel);
}

using Tile = void (*)(const FloatProduct&, std::int64_t row, std::int64_t panel);
template <std::int64_t kRows, First kFirst>
void MultiplyTileRows(const FloatProduct& of, std::int64_t row, std::int64_t panel) {
  MultiplyTile<kRows, 1, kFirst>(of, row, panel);
}
template <First kFirst>
constexpr Tile kTiles[] = {MultiplyTileRows<1, kFirst>, MultiplyTileRows<2, kFirst>, MultiplyTileRows<3, kFirst>,
                           MultiplyTileRows<4, kFirst>, MultiplyTileRows<5, kFirst>, MultiplyTileRows<6, kFirst>};

// Tiles of equal numbers of rows, as far as that goes: each panel is read once, from the nearest cache after the first.
void MultiplyManyRows(const FloatProduct& of, std::int64_t begin, std::int64_t rows) {
  const std::int64_t tiles = (rows + kMostRows - 1) / kMostRows;
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      const std::int64_t first = rows * tile / tiles;
      const std::int64_t last = rows * (tile + 1) / tiles;
      kTiles<First::kInRows>[last - first - 1](of, begin + first, panel);
    }
  }
}

void MultiplyRows(const FloatProduct& of, std::int64_t rows) {
  if (rows == 1) return MultiplyFewRows<1>(of, 0);
  if (rows == 2) return MultiplyFewRows<2>(of, 0);
  if (rows == 3) return MultiplyFewRows<3>(of, 0);
  const std::int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = rows * block / blocks;
    MultiplyManyRows(of, begin, rows * (block + 1) / blocks - begin);
  }
}

void MultiplyColumns(const FloatProduct& of, std::int64_t rows) {
  const std::int64_t panels = (of.out + kPanel - 1) / kPanel;
  for (std::int64_t begin = 0; begin < rows; begin += kRowBlock) {
    const std::int64_t end = HWY_MIN(begin + kRowBlock, rows);
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      for (std::int64_t row = begin; row < end;) {
        const std::int64_t count = HWY_MIN(HWY_MIN(kMostRows, kColumns - row % kColumns), end - row);
        kTiles<First::kInColumns>[count - 1](of, row, panel);
        row += count;
      }
    }
  }
}

}  // namespace
}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_KERNEL(void multiply_rows(const FloatProduct& of, std::int64_t rows), MultiplyRows, of, rows);
HEED_KERNEL(void multiply_columns(const FloatProduct& of, std::int64_t rows), MultiplyColumns, of, rows);

}  // namespace heed
#endif

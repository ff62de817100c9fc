#pragma once

#if defined(__x86_64__)
#include "heed/kernels/amx_product.h"
#include "wide_squares.h"

#define HEED_AMX __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-int8,amx-bf16")))
#define HEED_AMX_INLINE [[gnu::always_inline]] HEED_AMX inline

// Products in the tiles of AMX: up to 32 rows by 32 outputs, or 16 by 64, at a time.
namespace heed::amx {

constexpr std::int64_t kRows = 16;     // of a tile
constexpr std::int64_t kTileRow = 64;  // bytes
constexpr std::int64_t kTileBytes = kRows * kTileRow;
constexpr std::int64_t kLanes = wide::kLanes;
static_assert(kLanes == kRows && kLanes == kAmxColumns);

enum class Numbers { kPairs, kBytes };  // of bfloat16; unsigned by signed

// ---- tiles. In assembly: GCC 12 does not know what memory its intrinsics read.

// Tiles 0 to 3 have sums: of upper rows by two tiles of weights, and of lower rows; or of upper rows by four. Tiles 4
// and 5 have upper and lower rows of inputs; tiles 6 and 7 weights, and tile 5 where there are no lower rows.
class Tiles {
 public:
  Tiles() = default;
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  HEED_AMX ~Tiles() { asm volatile("tilerelease" ::: "memory"); }

  HEED_AMX_INLINE void use_rows(std::int64_t upper, std::int64_t lower) {
    if (upper == upper_ && lower == lower_) return;
    upper_ = upper;
    lower_ = lower;
    struct alignas(kTileRow) {
      std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {};
      std::uint8_t rows[16] = {};
    } shapes;
    const std::int64_t sums = lower > 0 ? lower : upper;
    const std::int64_t rows[] = {upper, upper, sums, sums, upper, lower > 0 ? lower : kRows, kRows, kRows};
    for (int tile = 0; tile < 8; ++tile) {
      shapes.row_bytes[tile] = kTileRow;
      shapes.rows[tile] = static_cast<std::uint8_t>(rows[tile]);
    }
    asm volatile("ldtilecfg %0" ::"m"(shapes));
  }

 private:
  std::int64_t upper_ = 0, lower_ = 0;
};

template <int kTile>
HEED_AMX_INLINE void load_tile(const void* from, std::int64_t next_row) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(next_row), "i"(kTile) : "memory");
}
template <int kTile>
HEED_AMX_INLINE void store_tile(void* to, std::int64_t next_row) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(next_row), "i"(kTile) : "memory");
}
template <int kTile>
HEED_AMX_INLINE void clear_tile() {
  asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
}
template <Numbers kNumbers, int kSums, int kInputs, int kWeights>
HEED_AMX_INLINE void multiply_add() {
  if constexpr (kNumbers == Numbers::kPairs) {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kInputs), "i"(kWeights));
  } else {
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kInputs), "i"(kWeights));
  }
}

// ---- products of tiles

// Tiles of rows, and of outputs, and in each direction steps of 64 bytes of inputs.
struct Side {
  const std::uint8_t* first;
  std::int64_t next_row;   // of a tile
  std::int64_t next_tile;  // of as many steps
  std::int64_t next_step;

  Side from(std::int64_t tile) const { return {first + tile * next_tile, next_row, next_tile, next_step}; }
};
struct Operands {
  Side x, weights;
  std::int64_t steps;
};

// Adds to the sums of upper and lower rows by two tiles of weights.
template <Numbers kNumbers, typename Fetch>
HEED_AMX_INLINE void add_square(const Operands& of, Fetch&& fetch_some) {
  const std::uint8_t* x = of.x.first;
  const std::uint8_t* weights = of.weights.first;
  for (std::int64_t step = of.steps; step > 0; --step) {
    fetch_some();
    load_tile<6>(weights, of.weights.next_row);
    load_tile<4>(x, of.x.next_row);
    load_tile<7>(weights + of.weights.next_tile, of.weights.next_row);
    load_tile<5>(x + of.x.next_tile, of.x.next_row);
    multiply_add<kNumbers, 0, 4, 6>();
    multiply_add<kNumbers, 1, 4, 7>();
    multiply_add<kNumbers, 2, 5, 6>();
    multiply_add<kNumbers, 3, 5, 7>();
    x += of.x.next_step;
    weights += of.weights.next_step;
  }
}

// Adds to the sums of upper rows by four tiles of weights.
template <Numbers kNumbers>
HEED_AMX_INLINE void add_line(const Operands& of) {
  const std::uint8_t* x = of.x.first;
  const std::uint8_t* weights = of.weights.first;
  for (std::int64_t step = of.steps; step > 0; --step) {
    load_tile<4>(x, of.x.next_row);
    load_tile<6>(weights, of.weights.next_row);
    load_tile<7>(weights + of.weights.next_tile, of.weights.next_row);
    load_tile<5>(weights + 2 * of.weights.next_tile, of.weights.next_row);
    multiply_add<kNumbers, 0, 4, 6>();
    load_tile<6>(weights + 3 * of.weights.next_tile, of.weights.next_row);
    multiply_add<kNumbers, 1, 4, 7>();
    multiply_add<kNumbers, 2, 4, 5>();
    multiply_add<kNumbers, 3, 4, 6>();
    x += of.x.next_step;
    weights += of.weights.next_step;
  }
}

// Where sums of bfloat16 go.
struct ToFloats {
  float* y;  // the first output of the first row
  std::int64_t next_row;
  std::int64_t outputs;
  bool add;

  HEED_WIDE_INLINE bool adds() const { return add; }
  HEED_AMX_INLINE bool has_all(std::int64_t output) const { return output + kLanes <= outputs; }
  template <int kTile>
  HEED_AMX_INLINE void begin(std::int64_t row, std::int64_t output) const {
    if (add && has_all(output)) return load_tile<kTile>(y + row * next_row + output, next_row * 4);
    clear_tile<kTile>();
  }
  template <int kTile>
  HEED_AMX_INLINE void end(std::int64_t row, std::int64_t rows, std::int64_t output) const {
    if (has_all(output)) return store_tile<kTile>(y + row * next_row + output, next_row * 4);
    if (output >= outputs) return;
    alignas(kTileRow) float sums[kRows * kLanes];
    store_tile<kTile>(sums, kTileRow);
    const __mmask16 lanes = wide::first_lanes(outputs - output);
    for (std::int64_t r = 0; r < rows; ++r) {
      float* to = y + (row + r) * next_row + output;
      const __m512 before = add ? _mm512_maskz_loadu_ps(lanes, to) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(before, _mm512_load_ps(sums + r * kLanes)));
    }
  }
  // Reads the lines of a row that are added to or stored to later.
  HEED_WIDE_INLINE void fetch(std::int64_t row, std::int64_t output) const {
    wide::fetch_line(y + row * next_row + output);
    if (output + kLanes < outputs) wide::fetch_line(y + row * next_row + output + kLanes);
  }
};

struct Extent {
  std::int64_t rows, outputs;  // up to 64 outputs
};

// Two tiles of rows, of which some are after them.
template <Numbers kNumbers, typename Sums, typename Ahead>
HEED_AMX void multiply_squares(const Operands& of, std::int64_t row, const Extent& extent, const Sums& to,
                               Ahead& ahead) {
  const std::int64_t lower = row + kRows;
  const std::int64_t lower_rows = std::min(extent.rows - lower, kRows);
  for (std::int64_t output = 0; output < extent.outputs; output += 2 * kLanes) {
    to.template begin<0>(row, output);
    to.template begin<1>(row, output + kLanes);
    to.template begin<2>(lower, output);
    to.template begin<3>(lower, output + kLanes);
    std::int64_t next = to.adds() ? row + 2 * kRows : row;
    const std::int64_t end = std::min(next + 2 * kRows, extent.rows);
    add_square<kNumbers>({of.x.from(row / kRows), of.weights.from(output / kLanes), of.steps}, [&]() HEED_WIDE {
      ahead.fetch();
      for (const std::int64_t some = std::min(next + 2, end); next < some; ++next) to.fetch(next, output);
    });
    to.template end<0>(row, kRows, output);
    to.template end<1>(row, kRows, output + kLanes);
    to.template end<2>(lower, lower_rows, output);
    to.template end<3>(lower, lower_rows, output + kLanes);
  }
}

// Up to 16 rows, of one tile.
template <Numbers kNumbers, typename Sums>
HEED_AMX void multiply_line(const Operands& of, std::int64_t row, const Extent& extent, const Sums& to) {
  to.template begin<0>(row, 0);
  to.template begin<1>(row, kLanes);
  to.template begin<2>(row, 2 * kLanes);
  to.template begin<3>(row, 3 * kLanes);
  add_line<kNumbers>({of.x.from(row / kRows), of.weights, of.steps});
  to.template end<0>(row, extent.rows, 0);
  to.template end<1>(row, extent.rows, kLanes);
  to.template end<2>(row, extent.rows, 2 * kLanes);
  to.template end<3>(row, extent.rows, 3 * kLanes);
}

// All rows by a block of 64 outputs, which stays near however many they are.
template <Numbers kNumbers, typename Sums, typename Ahead>
HEED_AMX void multiply_block(Tiles& tiles, const Operands& of, const Extent& extent, const Sums& to, Ahead&& ahead) {
  std::int64_t row = 0;
  for (; row + 2 * kRows <= extent.rows; row += 2 * kRows) {
    tiles.use_rows(kRows, kRows);
    multiply_squares<kNumbers>(of, row, extent, to, ahead);
  }
  const std::int64_t others = extent.rows - row;
  if (others > kRows) {
    tiles.use_rows(kRows, others - kRows);
    multiply_squares<kNumbers>(of, row, extent, to, ahead);
  } else if (others > 0) {
    tiles.use_rows(others, 0);
    multiply_line<kNumbers>(of, row, {others, extent.outputs}, to);
  }
}

}  // namespace heed::amx
#endif

#include "heed/kernels/amx_product.h"

#if defined(__x86_64__)
#include "scaled_sums.h"
#include "wide_squares.h"

#define HEED_AMX __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-int8,amx-bf16")))
#define HEED_AMX_INLINE [[gnu::always_inline]] HEED_AMX inline

namespace heed {
namespace {

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

// What is read later, some of it in each step, since it comes from a far cache: the weights of the next block.
class WeightsAhead {
 public:
  // Fewer rows have no time for it: then their weights are what all waits for.
  WeightsAhead(std::int64_t rows, const std::uint8_t* weights, bool are_there) : weights_(weights) {
    constexpr std::int64_t kFew = 4 * kRows;
    if (are_there && rows >= kFew) bytes_ = kLines * kTileRow;
  }
  HEED_WIDE_INLINE void fetch() {
    if (bytes_ == 0) return;
    for (std::int64_t line = 0; line < kLines; ++line) {
      _mm_prefetch(reinterpret_cast<const char*>(weights_ + line * kTileRow), _MM_HINT_T1);
    }
    weights_ += bytes_;
  }

 private:
  static constexpr std::int64_t kLines = 8;
  const std::uint8_t* weights_;
  std::int64_t bytes_ = 0;
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

// Where sums of bytes go.
struct ToScaled {
  wide::ScaledSums sums;
  std::int64_t first;  // output

  HEED_WIDE_INLINE bool adds() const { return false; }  // but at the end
  template <int kTile>
  HEED_AMX_INLINE void begin(std::int64_t, std::int64_t) const {
    clear_tile<kTile>();
  }
  template <int kTile>
  HEED_AMX_INLINE void end(std::int64_t row, std::int64_t rows, std::int64_t output) const {
    if (first + output >= sums.to.out) return;
    alignas(kTileRow) std::int32_t whole[kRows * kLanes];
    store_tile<kTile>(whole, kTileRow);
    for (std::int64_t r = 0; r < rows; ++r) {
      sums.store(row + r, first + output, _mm512_load_si512(whole + r * kLanes));
    }
  }
  HEED_WIDE_INLINE void fetch(std::int64_t row, std::int64_t output) const {
    const float* y = sums.to.y + row * sums.to.out + first + output;
    wide::fetch_line(y);
    if (first + output + kLanes < sums.to.out) wide::fetch_line(y + kLanes);
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

Side rows_of(const void* x, std::int64_t row_bytes) {
  return {static_cast<const std::uint8_t*>(x), row_bytes, kRows * row_bytes, kTileRow};
}
// 64 outputs of weights in blocks.
Side block_at(const std::uint8_t* weights) {
  constexpr std::int64_t kRowBytes = wide::kStepWeights;
  return {weights, kRowBytes, kTileRow, kRows * kRowBytes};
}

// ---- gradients

// Of packed tiles of some steps, from one of these on.
Side tiles_at(const std::uint32_t* tiles, std::int64_t steps, std::int64_t first) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(tiles);
  return {bytes + first * kTileBytes, kTileRow, steps * kTileBytes, kTileBytes};
}

constexpr std::int64_t kTile = kRows * kLanes;  // words

// Up to 16 numbers of two rows, the second of which may be missing, as both may be.
HEED_WIDE_BFLOAT16 inline __m512i load_pairs(const float* const* row, std::int64_t rows, std::int64_t first,
                                             __mmask16 lanes) {
  const __m512 low = rows > 0 ? _mm512_maskz_loadu_ps(lanes, row[0] + first) : _mm512_setzero_ps();
  const __m512 high = rows > 1 ? _mm512_maskz_loadu_ps(lanes, row[1] + first) : _mm512_setzero_ps();
  return wide::bfloat16_pairs(low, high);
}

// x in tiles of columns, [in / 16][steps][16 columns][16 pairs].
HEED_WIDE_BFLOAT16 void pack_x(const Avx512Gradient& of, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::int64_t column = 0; column < of.in; column += kLanes) {
      __m512i square[kRows];
#pragma GCC unroll 16
      for (std::int64_t p = 0; p < kRows; ++p) {
        const std::int64_t row = step * kAmxRows + 2 * p;
        square[p] = load_pairs(of.x + row, of.rows - row, column, wide::first_lanes(of.in - column));
      }
      wide::turn(square);
      std::uint32_t* tile = of.x_columns + (column / kLanes * steps + step) * kTile;
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) _mm512_storeu_si512(tile + i * kLanes, square[i]);
    }
  }
}

// Some of many units of work at each of many calls.
class Share {
 public:
  Share(std::int64_t units, std::int64_t calls) : units_(units), calls_(std::max(calls, std::int64_t{1})) {}
  // The next unit, or -1 if there is none before the next call.
  HEED_WIDE_INLINE std::int64_t next() { return credit_ < calls_ || done_ >= units_ ? -1 : take(); }
  HEED_WIDE_INLINE void call() { credit_ += units_; }
  HEED_WIDE_INLINE bool is_left() const { return done_ < units_; }
  HEED_WIDE_INLINE std::int64_t take() {
    credit_ -= calls_;
    return done_++;
  }

 private:
  std::int64_t units_, calls_, credit_ = 0, done_ = 0;
};

// Between the products of a block of outputs, while tiles are multiplied: the columns of dy of the next block are
// packed, and the sums of the last are stored. All of both takes memory most of the time, and tiles take none.
class BetweenProducts {
 public:
  BetweenProducts(const AmxGradient& of, std::int64_t output, std::int64_t steps)
      : of_(of),
        steps_(steps),
        next_(output + kAmxOutputs),
        last_(output - kAmxOutputs),
        packing_(next_ < of.rows.out ? steps * kRows : 0, calls(of, steps)),
        storing_(last_ >= 0 ? of.rows.in : 0, calls(of, steps)) {}

  HEED_WIDE_BFLOAT16 void fetch() {
    packing_.call();
    for (std::int64_t pair = packing_.next(); pair >= 0; pair = packing_.next()) pack(pair);
    storing_.call();
    for (std::int64_t row = storing_.next(); row >= 0; row = storing_.next()) store(row);
  }
  HEED_WIDE_BFLOAT16 void finish() {
    while (packing_.is_left()) pack(packing_.take());
    while (storing_.is_left()) store(storing_.take());
  }

 private:
  static std::int64_t calls(const AmxGradient& of, std::int64_t steps) {
    constexpr std::int64_t kSquare = 2 * kRows;
    return of.rows.in / kSquare * (kAmxOutputs / kSquare) * steps;
  }

  // A pair of rows of dy in tiles of pairs, [64 / 16][steps][16 pairs][16 columns].
  HEED_WIDE_BFLOAT16 void pack(std::int64_t pair) const {
    constexpr std::int64_t kLater = 8;  // pairs, which are fetched
    const Avx512Gradient& rows = of_.rows;
    const std::int64_t row = 2 * pair;
    const std::int64_t count = std::min(kAmxOutputs, rows.out - next_);
    for (std::int64_t r = row + 2 * kLater; r < std::min(row + 2 * kLater + 2, rows.rows); ++r) {
      wide::fetch_numbers(rows.dy[r] + next_, count);
    }
    std::uint32_t* to = rows.dy_blocks + block(next_) * kAmxOutputs * steps_ * kRows + pair * kLanes;
    for (std::int64_t n = 0; n < kAmxOutputs; n += kLanes, to += steps_ * kTile) {
      const __m512i pairs = load_pairs(rows.dy + row, rows.rows - row, next_ + n, wide::first_lanes(count - n));
      _mm512_storeu_si512(to, pairs);
    }
  }

  // Sums of a row of dw. They lay together: rows of dw are often apart by what falls into one place of caches.
  HEED_WIDE_INLINE void store(std::int64_t row) const {
    const Avx512Gradient& rows = of_.rows;
    float* to = rows.dw + row * rows.out + last_;
    const float* sums = of_.sums_at(block(last_)) + row * kAmxOutputs;
    const std::int64_t count = std::min(kAmxOutputs, rows.out - last_);
    // A dw that no near cache holds is not read soon, nor is what lies there.
    const bool is_far = rows.in * rows.out > kNear && !rows.add;
    if (is_far && count == kAmxOutputs && reinterpret_cast<std::uintptr_t>(to) % kTileRow == 0) {
      for (std::int64_t n = 0; n < count; n += kLanes) _mm512_stream_ps(to + n, _mm512_loadu_ps(sums + n));
      return;
    }
    for (std::int64_t n = 0; n < count; n += kLanes) {
      const __mmask16 lanes = wide::first_lanes(count - n);
      const __m512 before = rows.add ? _mm512_maskz_loadu_ps(lanes, to + n) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(to + n, lanes, _mm512_add_ps(before, _mm512_loadu_ps(sums + n)));
    }
  }
  static constexpr std::int64_t kNear = std::int64_t{128} * 1024;  // numbers

  static std::int64_t block(std::int64_t output) { return output / kAmxOutputs % 2; }

  const AmxGradient& of_;
  std::int64_t steps_, next_, last_;
  Share packing_, storing_;
};

}  // namespace

HEED_AMX void multiply_amx_bfloat16(const Avx512Product& of) {
  Tiles tiles;
  const Side x = rows_of(of.x, of.row_bytes);
  const std::int64_t steps = (of.steps + kRows - 1) / kRows;
  const auto* weights = static_cast<const std::uint8_t*>(of.weights);
  for (std::int64_t output = 0; output < of.out; output += wide::kOut, weights += of.block_bytes) {
    const std::int64_t outputs = std::min(wide::kOut, of.out - output);
    const ToFloats to{of.y + output, of.next_row, outputs, of.add};
    multiply_block<Numbers::kPairs>(tiles, {x, block_at(weights), steps}, {of.rows, outputs}, to,
                                    WeightsAhead(of.rows, weights + of.block_bytes, output + wide::kOut < of.out));
    if (of.parts != nullptr) of.parts->after(output, outputs, of.out);
  }
}

HEED_AMX void multiply_amx_int8(std::span<const VnniTerm> terms, const VnniOutput& to) {
  Tiles tiles;
  for (std::int64_t output = 0; output < to.out; output += wide::kOut) {
    const std::int64_t outputs = std::min(wide::kOut, to.out - output);
    bool add = to.add;
    for (const VnniTerm& term : terms) {
      const Operands of{rows_of(term.x, term.in_blocks * Int8Blocks::kIn), block_at(wide::weights_of(term, output)),
                        term.in_blocks};
      multiply_block<Numbers::kBytes>(
          tiles, of, {to.rows, outputs}, ToScaled{{term, to, add}, output},
          WeightsAhead(to.rows, wide::weights_of(term, output + wide::kOut), output + wide::kOut < to.out));
      add = true;
    }
    if (to.parts != nullptr) to.parts->after(output, outputs, to.out);
  }
}

HEED_AMX void gradient_amx_bfloat16(const AmxGradient& of) {
  // Of rows, whose tiles stay in the nearest cache, while the sums of a block of outputs stay in the next one.
  constexpr std::int64_t kSteps = 8;
  Tiles tiles;
  const Avx512Gradient& rows = of.rows;
  const std::int64_t steps = (rows.rows + kAmxRows - 1) / kAmxRows;
  pack_x(rows, steps);
  BetweenProducts(of, -kAmxOutputs, steps).finish();
  std::int64_t output = 0;
  for (; output < rows.out; output += kAmxOutputs) {
    BetweenProducts others(of, output, steps);
    const std::int64_t block = output / kAmxOutputs % 2;
    const std::uint32_t* dy = rows.dy_blocks + block * kAmxOutputs * steps * kRows;
    for (std::int64_t step = 0; step < steps; step += kSteps) {
      const Operands some{tiles_at(rows.x_columns, steps, step), tiles_at(dy, steps, step),
                          std::min(kSteps, steps - step)};
      const ToFloats to{of.sums_at(block), kAmxOutputs, kAmxOutputs, step > 0};
      multiply_block<Numbers::kPairs>(tiles, some, {rows.in, kAmxOutputs}, to, others);
    }
    others.finish();
  }
  BetweenProducts(of, output, steps).finish();
  _mm_sfence();
}

}  // namespace heed
#else

namespace heed {

// No way to multiply calls them.
void multiply_amx_bfloat16(const Avx512Product&) {}
void multiply_amx_int8(std::span<const VnniTerm>, const VnniOutput&) {}
void gradient_amx_bfloat16(const AmxGradient&) {}

}  // namespace heed
#endif

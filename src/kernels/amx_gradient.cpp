#include "heed/kernels/amx_product.h"

#if defined(__x86_64__)
#include "amx_tiles.h"

namespace heed {
namespace {

using namespace amx;

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

void gradient_amx_bfloat16(const AmxGradient&) {}  // no way to multiply calls it

}  // namespace heed
#endif

#include "heed/kernels/avx512_product.h"

#if defined(__x86_64__)
#include "heed/kernels/conversions.h"
#include "wide_squares.h"
#include "wide_tiles.h"

namespace heed {
namespace {

using wide::first_lanes;
using wide::kLanes;

// Where the sums of a tile go.
struct ToFloats {
  float* y;  // the first output of the first row
  std::int64_t stride;
  std::int64_t outputs;
  bool add;
};

struct FloatSums {
  static constexpr bool kWholeNumbers = false;
  using Finish = ToFloats;

  HEED_WIDE_INLINE static void store(const ToFloats& to, std::int64_t row, std::int64_t first, __m512i sums) {
    const __mmask16 lanes = first_lanes(to.outputs - first);
    float* y = to.y + row * to.stride + first;
    const __m512 values = _mm512_castsi512_ps(sums);
    _mm512_mask_storeu_ps(y, lanes, to.add ? _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, y), values) : values);
  }
  HEED_WIDE_INLINE static void fetch(const ToFloats& to, std::int64_t row) {
    wide::fetch_numbers(to.y + row * to.stride, std::min(to.outputs, wide::kOut));
  }
};

// Some columns of the rows of a gradient, which become steps of blocks of them. Columns of a block beyond `count` keep
// what was there: their sums are not stored.
struct Columns {
  const float* const* row;
  std::int64_t rows;
  std::int64_t first;
  std::int64_t count;
  std::int64_t next_step;
  std::int64_t next_block = 0;
};

HEED_WIDE_INLINE std::uint32_t* place(const Columns& of, std::uint32_t* to, std::int64_t n) {
  return to + n / wide::kOut * of.next_block + n % wide::kOut;
}

struct Floats : FloatSums {
  static constexpr std::int64_t kStepRows = 1;  // of a gradient

  HEED_WIDE_INLINE static void multiply_add(__m512i& sums, __m512i inputs, __m512i weights) {
    asm("vfmadd231ps %2, %1, %0" : "+v"(sums) : "v"(inputs), "v"(weights));
  }
  HEED_WIDE static void pack(const Columns& of, std::uint32_t* to) {
    for (std::int64_t row = 0; row < of.rows; ++row, to += of.next_step) {
      for (std::int64_t n = 0; n < of.count; n += kLanes) {
        const __mmask16 lanes = first_lanes(of.count - n);
        _mm512_mask_storeu_epi32(place(of, to, n), lanes, _mm512_maskz_loadu_epi32(lanes, of.row[row] + of.first + n));
      }
    }
  }
};

struct Pairs : FloatSums {
  static constexpr std::int64_t kStepRows = 2;

  HEED_WIDE_INLINE static void multiply_add(__m512i& sums, __m512i inputs, __m512i weights) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(sums) : "v"(inputs), "v"(weights));
  }
  HEED_WIDE_BFLOAT16 static void pack(const Columns& of, std::uint32_t* to) {
    for (std::int64_t row = 0; row < of.rows; row += 2, to += of.next_step) {
      const float* low = of.row[row] + of.first;
      const bool both = row + 1 < of.rows;
      const float* high = both ? of.row[row + 1] + of.first : low;
      for (std::int64_t n = 0; n < of.count; n += kLanes) {
        const __mmask16 lanes = first_lanes(of.count - n);
        const __m512 above = _mm512_maskz_loadu_ps(both ? lanes : __mmask16{0}, high + n);
        const __m512i pairs = wide::bfloat16_pairs(_mm512_maskz_loadu_ps(lanes, low + n), above);
        _mm512_mask_storeu_epi32(place(of, to, n), lanes, pairs);
      }
    }
  }
};

template <typename Numbers>
void multiply(const Avx512Product& of) {
  const auto* weights = static_cast<const std::uint8_t*>(of.weights);
  for (std::int64_t output = 0; output < of.out; output += wide::kOut, weights += of.block_bytes) {
    const wide::RowsByBlock block{static_cast<const std::uint8_t*>(of.x), of.row_bytes, of.rows, weights, of.steps};
    const bool last = output + wide::kOut >= of.out;
    const wide::NextBlock next(block, weights + of.block_bytes, last ? 0 : of.steps * wide::kStepWeights);
    wide::multiply_block<Numbers>(block, next, [&](std::int64_t row) -> ToFloats {
      return {of.y + row * of.next_row + output, of.next_row, of.out - output, of.add};
    });
    if (of.parts != nullptr) of.parts->after(output, std::min(wide::kOut, of.out - output), of.out);
  }
}

// ---- packing

// More weights than this need not pass the near caches.
constexpr std::int64_t kNear = std::int64_t{1} << 18;

// Where numbers of 32 bits go, [..][64].
struct PackedRows {
  void* to;
  bool is_far;

  HEED_WIDE_INLINE void store(std::int64_t row, std::int64_t first, __m512i numbers) const {
    std::uint32_t* at = static_cast<std::uint32_t*>(to) + row * wide::kOut + first;
    if (is_far) return _mm512_stream_si512(reinterpret_cast<__m512i*>(at), numbers);
    _mm512_storeu_si512(at, numbers);
  }
};

// The processor does not read ahead in so many rows at once.
HEED_WIDE_INLINE void fetch_ahead(const float* row, std::int64_t after, std::int64_t left) {
  if (left > after) wide::fetch_line(row + after);
}

// Up to 16 inputs of 16 outputs, of outputs' rows.
HEED_WIDE void turn_square(const Avx512FloatPacking& of, std::int64_t output, std::int64_t input,
                           const PackedRows& to) {
  const std::int64_t left = of.in - input;
  const __mmask16 inputs = first_lanes(left);
  __m512i square[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    square[i] = _mm512_setzero_si512();
    if (output + i >= of.out) continue;
    const float* row = of.weights + (output + i) * of.next + input;
    fetch_ahead(row, 2 * kLanes, left);
    square[i] = _mm512_maskz_loadu_epi32(inputs, row);
  }
  wide::turn(square);
#pragma GCC unroll 16
  for (int k = 0; k < kLanes; ++k) {
    if (k < left) to.store(input + k, output % wide::kOut, square[k]);
  }
}

HEED_WIDE void pack_floats(const Avx512FloatPacking& of) {
  const bool is_far = of.for_later && of.in * of.out > kNear;
  const auto block_of = [&](std::int64_t output) -> PackedRows {
    return {of.blocks + output / wide::kOut * wide::kOut * of.in, is_far};
  };
  const std::int64_t outputs = (of.out + wide::kOut - 1) / wide::kOut * wide::kOut;
  if (of.transposed) {
    for (std::int64_t output = 0; output < outputs; output += kLanes) {
      for (std::int64_t input = 0; input < of.in; input += kLanes) turn_square(of, output, input, block_of(output));
    }
  } else {
    for (std::int64_t input = 0; input < of.in; ++input) {
      const float* row = of.weights + input * of.next;
      for (std::int64_t output = 0; output < outputs; output += kLanes) {
        const __m512i numbers = _mm512_maskz_loadu_epi32(first_lanes(of.out - output), row + output);
        block_of(output).store(input, output % wide::kOut, numbers);
      }
    }
  }
  _mm_sfence();
}

constexpr std::int64_t kPackedIn = Bfloat16Blocks::kIn;
static_assert(kPackedIn == 2 * kLanes && Bfloat16Blocks::kOut == wide::kOut);

// Some inputs of 64 outputs, [16][64] pairs.
struct PackedBlock {
  std::int64_t input, output;
  PackedRows to;
};

// Of outputs' rows: squares are turned round.
HEED_WIDE_BFLOAT16 void pack_turned(const Avx512Packing& of, const PackedBlock& block) {
  const std::int64_t left = of.in - block.input;
  const __mmask16 low = first_lanes(left), high = first_lanes(left - kLanes);
  for (std::int64_t first = 0; first < wide::kOut; first += kLanes) {
    __m512i square[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      square[i] = _mm512_setzero_si512();
      const std::int64_t output = block.output + first + i;
      if (output >= of.out) continue;
      const float* row = of.weights + output * of.in + block.input;
      fetch_ahead(row, 2 * kPackedIn, left);
      fetch_ahead(row, 2 * kPackedIn + kLanes, left);
      const __m512bh both =
          _mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(high, row + kLanes), _mm512_maskz_loadu_ps(low, row));
      square[i] = reinterpret_cast<const __m512i&>(both);
    }
    wide::turn(square);
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) block.to.store(k, first, square[k]);
  }
}

// Of inputs' rows.
HEED_WIDE_BFLOAT16 void pack_plain(const Avx512Packing& of, const PackedBlock& block) {
  const std::int64_t left = of.out - block.output;
  for (std::int64_t pair = 0; pair < kLanes; ++pair) {
    const std::int64_t input = block.input + 2 * pair;
    const float* row = of.weights + input * of.out + block.output;
    for (std::int64_t n = 0; n < wide::kOut; n += kLanes) {
      const __mmask16 lanes = first_lanes(left - n);
      const __mmask16 low = input < of.in ? lanes : __mmask16{0}, high = input + 1 < of.in ? lanes : __mmask16{0};
      block.to.store(
          pair, n,
          wide::bfloat16_pairs(_mm512_maskz_loadu_ps(low, row + n), _mm512_maskz_loadu_ps(high, row + of.out + n)));
      if (low != 0 && left > wide::kOut + n) wide::fetch_line(row + wide::kOut + n);
      if (high != 0 && left > wide::kOut + n) wide::fetch_line(row + of.out + wide::kOut + n);
    }
  }
}

// Along the rows in which they lie.
HEED_WIDE_BFLOAT16 void pack(const Avx512Packing& of) {
  const std::int64_t pairs = (of.in + kPackedIn - 1) / kPackedIn * kLanes;
  const auto at = [&](std::int64_t input, std::int64_t output) -> PackedBlock {
    std::uint32_t* to = reinterpret_cast<std::uint32_t*>(of.blocks) + output * pairs + input / 2 * wide::kOut;
    return {input, output, {to, of.in * of.out > kNear}};
  };
  if (of.transposed) {
    for (std::int64_t output = 0; output < of.out; output += wide::kOut) {
      for (std::int64_t input = 0; input < of.in; input += kPackedIn) pack_turned(of, at(input, output));
    }
  } else {
    for (std::int64_t input = 0; input < of.in; input += kPackedIn) {
      for (std::int64_t output = 0; output < of.out; output += wide::kOut) pack_plain(of, at(input, output));
    }
  }
  _mm_sfence();
}

constexpr std::int64_t kColumns = wide::kMostRows;
static_assert(kColumns == kAvx512Columns && wide::kOut == Avx512Blocks::kOut && kAvx512Outputs % wide::kOut == 0);

// x of a gradient in groups of columns, [in / 6][steps][6]. Some rows and groups at a time, which stay near.
template <typename Numbers>
void pack_x(const Avx512Gradient& of, std::int64_t steps) {
  constexpr std::int64_t kSteps = 16;
  constexpr std::int64_t kWidth = 8 * kColumns;  // whole vectors
  std::uint32_t near[kSteps * kWidth];
  for (std::int64_t step = 0; step < steps; step += kSteps) {
    const std::int64_t row = step * Numbers::kStepRows;
    const std::int64_t rows = std::min(kSteps * Numbers::kStepRows, of.rows - row);
    const std::int64_t some = std::min(kSteps, steps - step);
    for (std::int64_t column = 0; column < of.in; column += kWidth) {
      const std::int64_t count = std::min(kWidth, of.in - column);
      Numbers::pack({of.x + row, rows, column, count, kWidth}, near);
      for (std::int64_t n = 0; n < count; n += kColumns) {
        std::uint32_t* to = of.x_columns + (column + n) * steps + step * kColumns;
        for (std::int64_t s = 0; s < some; ++s) std::memcpy(to + s * kColumns, near + s * kWidth + n, kColumns * 4);
      }
    }
  }
}

// Reads columns of dy that are packed next while the sums of tiles are made, which takes no memory: some rows a tile,
// since the processor does not fetch rows that lie so far apart.
class Fetching {
 public:
  Fetching(const Avx512Gradient& of, std::int64_t first, std::int64_t tiles)
      : of_(of), first_(first), count_(std::min(kAvx512Outputs, of.out - first)), rows_(of.rows / tiles + 1) {}

  HEED_WIDE_INLINE void before_tile() {
    for (const std::int64_t end = std::min(row_ + rows_, of_.rows); row_ < end; ++row_) {
      wide::fetch_numbers(of_.dy[row_] + first_, count_);
    }
  }

 private:
  const Avx512Gradient& of_;
  const std::int64_t first_, count_, rows_;
  std::int64_t row_ = 0;
};

// Some blocks of outputs.
template <typename Numbers>
HEED_WIDE void add_outputs(const Avx512Gradient& of, std::int64_t steps, std::int64_t first, std::int64_t count) {
  const std::int64_t block_size = steps * wide::kOut;
  Numbers::pack({of.dy, of.rows, first, count, wide::kOut, block_size}, of.dy_blocks);
  Fetching fetching(of, first + count, (count + wide::kOut - 1) / wide::kOut * ((of.in + kColumns - 1) / kColumns));
  for (std::int64_t n = 0; n < count; n += wide::kOut) {
    const auto* block = reinterpret_cast<const std::uint8_t*>(of.dy_blocks + n / wide::kOut * block_size);
    for (std::int64_t column = 0; column < of.in; column += kColumns) {
      const std::int64_t columns = std::min(kColumns, of.in - column);
      const ToFloats to{of.dw + column * of.out + first + n, of.out, count - n, of.add};
      fetching.before_tile();
      const auto* x = reinterpret_cast<const std::uint8_t*>(of.x_columns + column * steps);
      wide::kTiles<Numbers, wide::ColumnsOfInputs>[columns - 1]({x, {}, block, steps, {}}, to);
    }
  }
}

template <typename Numbers>
void gradient(const Avx512Gradient& of) {
  const std::int64_t steps = (of.rows + Numbers::kStepRows - 1) / Numbers::kStepRows;
  pack_x<Numbers>(of, steps);
  for (std::int64_t first = 0; first < of.out; first += kAvx512Outputs) {
    add_outputs<Numbers>(of, steps, first, std::min(kAvx512Outputs, of.out - first));
  }
}

}  // namespace

void multiply_avx512_float32(const Avx512Product& of) { multiply<Floats>(of); }
void multiply_avx512_bfloat16(const Avx512Product& of) { multiply<Pairs>(of); }
void pack_avx512_floats(const Avx512FloatPacking& of) { pack_floats(of); }
void pack_avx512_bfloat16(const Avx512Packing& of) { pack(of); }
void gradient_avx512_float32(const Avx512Gradient& of) { gradient<Floats>(of); }
void gradient_avx512_bfloat16(const Avx512Gradient& of) { gradient<Pairs>(of); }

}  // namespace heed
#else

namespace heed {

// No way to multiply calls them.
void multiply_avx512_float32(const Avx512Product&) {}
void multiply_avx512_bfloat16(const Avx512Product&) {}
void pack_avx512_floats(const Avx512FloatPacking&) {}
void pack_avx512_bfloat16(const Avx512Packing&) {}
void gradient_avx512_float32(const Avx512Gradient&) {}
void gradient_avx512_bfloat16(const Avx512Gradient&) {}

}  // namespace heed
#endif

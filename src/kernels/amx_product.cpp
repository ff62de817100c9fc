#include "heed/kernels/amx_product.h"

#if defined(__x86_64__)
#include "amx_tiles.h"
#include "scaled_sums.h"

namespace heed {
namespace {

using namespace amx;

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

Side rows_of(const void* x, std::int64_t row_bytes) {
  return {static_cast<const std::uint8_t*>(x), row_bytes, kRows * row_bytes, kTileRow};
}
// 64 outputs of weights in blocks.
Side block_at(const std::uint8_t* weights) {
  constexpr std::int64_t kRowBytes = wide::kStepWeights;
  return {weights, kRowBytes, kTileRow, kRows * kRowBytes};
}

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

}  // namespace heed
#else

namespace heed {

// No way to multiply calls them.
void multiply_amx_bfloat16(const Avx512Product&) {}
void multiply_amx_int8(std::span<const VnniTerm>, const VnniOutput&) {}

}  // namespace heed
#endif

#include "heed/kernels/int8_product.h"

#if defined(__aarch64__)
#define HEED_NEON
#include "neon_tiles.h"

namespace heed {
namespace {

// Products of two groups fit 16 bits; pairs of them are added to the sums, two for each output.
struct PairSums {
  int32x4_t low, high;

  void clear() { low = high = vdupq_n_s32(0); }
  [[gnu::always_inline]] void multiply_add(int8x16_t weights, int8x16_t next, int8x8_t x) {
    const int32x2_t groups = vreinterpret_s32_s8(x);
    const int8x16_t first = vreinterpretq_s8_s32(vdupq_lane_s32(groups, 0));
    const int8x16_t second = vreinterpretq_s8_s32(vdupq_lane_s32(groups, 1));
    const auto half = [](int8x16_t all) { return vget_low_s8(all); };
    low = vpadalq_s16(low, vmlal_s8(vmull_s8(half(weights), half(first)), half(next), half(second)));
    high = vpadalq_s16(high, vmlal_high_s8(vmull_high_s8(weights, first), next, second));
  }
  int32x4_t total() const { return vpaddq_s32(low, high); }
};

}  // namespace

void multiply_neon(const Int8Product& of) { multiply_bytes<PairSums, 8>(of); }

}  // namespace heed
#else

namespace heed {

void multiply_neon(const Int8Product&) {}  // nobody calls it

}  // namespace heed
#endif

#include "heed/kernels/int8_product.h"

#if defined(__aarch64__)
#define HEED_NEON __attribute__((target("arch=armv8.2-a+dotprod")))
#include "neon_tiles.h"

namespace heed {
namespace {

// An instruction multiplies four inputs of each output and adds them.
struct DotSums {
  int32x4_t sum;

  void clear() { sum = vdupq_n_s32(0); }
  [[gnu::always_inline]] HEED_NEON void multiply_add(int8x16_t weights, int8x16_t next, int8x8_t x) {
    sum = vdotq_lane_s32(vdotq_lane_s32(sum, weights, x, 0), next, x, 1);
  }
  int32x4_t total() const { return sum; }
};

}  // namespace

void multiply_dot(const Int8Product& of) { multiply_bytes<DotSums, 16>(of); }

}  // namespace heed
#else

namespace heed {

void multiply_dot(const Int8Product&) {}  // no way to multiply calls it

}  // namespace heed
#endif

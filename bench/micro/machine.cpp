#include "machine.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace heed::micro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// `count` is a multiple of every vector.
void AddOne(float* y, std::int64_t count) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto one = hn::Set(d, 1.0F);
  for (std::int64_t i = 0; i < count; i += lanes) hn::Store(hn::Add(hn::Load(d, y + i), one), d, y + i);
}

}  // namespace heed::micro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <bit>
#include <chrono>
#include <map>
#include <vector>

#include "dispatch.h"
#include "fmt/format.h"
#include "heed/tensor/buffer.h"
#include "machine_rate.h"

namespace heed::micro {

HEED_EXPORT(AddOne);

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kLeastMemory = 4096;

double measure_memory(std::int64_t bytes) {
  constexpr int kRounds = 15;
  constexpr std::int64_t kBytesOfRound = std::int64_t{8} << 20;  // what a clock measures well
  const Buffer array(1, bytes / static_cast<std::int64_t>(sizeof(float)));
  const std::int64_t passes = std::max<std::int64_t>(1, kBytesOfRound / bytes);
  std::vector<double> seconds;
  for (int round = 0; round <= kRounds; ++round) {
    const auto start = Clock::now();
    for (std::int64_t pass = 0; pass < passes; ++pass) HEED_DISPATCH(AddOne)(array.view().data, array.view().size());
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    if (round > 0) seconds.push_back(elapsed.count());  // the first fills the caches
  }
  std::ranges::nth_element(seconds, seconds.begin() + kRounds / 2);
  return 2.0 * static_cast<double>(bytes * passes) / seconds[kRounds / 2] * 1e-9;
}

constexpr std::chrono::seconds kLasts{4};

struct Rate {
  double value = 0;
  Clock::time_point until;
};

template <typename Measure>
double remembered(Rate& rate, Measure measure) {
  if (Clock::now() >= rate.until) {
    rate.value = measure();
    rate.until = Clock::now() + kLasts;
  }
  return rate.value;
}

}  // namespace

double product_rate(Precision precision) {
  static std::map<Precision, Rate> rates;
  return remembered(rates[precision], [&] { return bench::measure_matmul_gflops(precision, 1); });
}

double memory_rate(std::int64_t bytes) {
  static std::map<std::int64_t, Rate> rates;
  return remembered(rates[bytes], [&] { return measure_memory(bytes); });
}

double memory_rate_of_traffic(double traffic) {
  const auto bytes = static_cast<std::uint64_t>(traffic / 2);  // read and written
  return memory_rate(std::clamp(static_cast<std::int64_t>(std::bit_ceil(bytes)), kLeastMemory, kFarMemory));
}

std::string describe_machine() {
  std::string out = "oneDNN, packed weights, GFLOP/s:";
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    out += fmt::format(" {} {:.0f}{}", name_of(precision), product_rate(precision),
                       is_native(precision) ? "" : " (float32)");
  }
  return out + fmt::format("; plain read and write over 64 MB: {:.1f} GB/s", memory_rate(kFarMemory));
}

}  // namespace heed::micro
#endif

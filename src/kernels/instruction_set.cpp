#include "heed/kernels/instruction_set.h"

#include <cstdint>

#include "hwy/targets.h"

namespace heed {

bool has(dnnl::cpu_isa isa) {
  const auto needed = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & needed) == needed;
}

bool has_avx512() {
  static const bool avx512 = has(dnnl::cpu_isa::avx512_core);
  return avx512;
}

namespace {

// Of Highway's targets, of which the better one on x86 is the lower bit, those that the limit forbids.
std::int64_t forbidden_targets() {
  std::int64_t out = 0;
#if HWY_ARCH_X86
  const auto and_better = [](std::int64_t target) { return target | (target - 1); };
  if (!has_avx512()) out |= and_better(HWY_AVX3);
  if (!has(dnnl::cpu_isa::avx2)) out |= and_better(HWY_AVX2);
#endif
  return out;
}

// One limit for all: a processor with AVX-512 then computes what one without it computes. Before main, because the
// first kernel to run chooses for every other.
[[maybe_unused]] const bool kLimited = [] {
  hwy::DisableTargets(forbidden_targets());
  return true;
}();

}  // namespace
}  // namespace heed

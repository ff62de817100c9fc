#include "heed/kernels/instruction_set.h"

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>

#include "hwy/targets.h"

namespace heed {

bool has_instructions(Instructions set) {
  static constexpr dnnl::cpu_isa kNames[] = {dnnl::cpu_isa::avx2, dnnl::cpu_isa::avx512_core,
                                             dnnl::cpu_isa::avx512_core_vnni, dnnl::cpu_isa::avx512_core_bf16,
                                             dnnl::cpu_isa::avx512_core_amx};  // in the order of Instructions
  const auto needed = static_cast<unsigned>(kNames[static_cast<int>(set)]);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & needed) == needed;
}

bool has_avx512() {
  static const bool avx512 = has_instructions(Instructions::kAvx512);
  return avx512;
}

namespace {

// Of Highway's targets, of which the better one on x86 is the lower bit, those that the limit forbids.
std::int64_t forbidden_targets() {
  std::int64_t out = 0;
#if HWY_ARCH_X86
  const auto and_better = [](std::int64_t target) { return target | (target - 1); };
  if (!has_avx512()) out |= and_better(HWY_AVX3);
  if (!has_instructions(Instructions::kAvx2)) out |= and_better(HWY_AVX2);
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

#include "heed/kernels/instruction_set.h"

#include <cstdint>

#include "hwy/targets.h"
#ifndef HEED_WITHOUT_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace heed {

#ifndef HEED_WITHOUT_ONEDNN
bool has_instructions(Instructions set) {
  static constexpr dnnl::cpu_isa kNames[] = {dnnl::cpu_isa::avx2, dnnl::cpu_isa::avx512_core,
                                             dnnl::cpu_isa::avx512_core_vnni, dnnl::cpu_isa::avx512_core_bf16,
                                             dnnl::cpu_isa::avx512_core_amx};  // in the order of Instructions
  const auto needed = static_cast<unsigned>(kNames[static_cast<int>(set)]);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & needed) == needed;
}
#else
bool has_instructions([[maybe_unused]] Instructions set) {
#if HWY_ARCH_X86
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  switch (set) {
    case Instructions::kAvx2:
      return __builtin_cpu_supports("avx2");
    case Instructions::kAvx512:
      return avx512;
    case Instructions::kAvx512Vnni:
      return avx512 && __builtin_cpu_supports("avx512vnni");
    case Instructions::kAvx512Bfloat16:
      return avx512 && __builtin_cpu_supports("avx512bf16");
    case Instructions::kAmx:  // which oneDNN alone multiplies with
      break;
  }
#endif
  return false;
}
#endif

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

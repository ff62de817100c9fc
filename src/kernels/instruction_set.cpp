#include "heed/kernels/instruction_set.h"

#include "hwy/detect_compiler_arch.h"
#if defined(__aarch64__)
#include <sys/auxv.h>
#elif !defined(HEED_WITHOUT_ONEDNN)
#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace heed {

#if defined(__aarch64__)
// oneDNN's names of x86 mean something else there.
bool has_instructions(Instructions set) {
  return set == Instructions::kDotProduct && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}
#elif !defined(HEED_WITHOUT_ONEDNN)
bool has_instructions(Instructions set) {
  if (set == Instructions::kDotProduct) return false;
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
    case Instructions::kDotProduct:
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

bool has_vector_code(VectorCode code) {
#if HWY_ARCH_X86
  // What Highway's targets are compiled for, but for what processors have together.
  const bool sse4 =
      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("aes");
  const bool avx2 =
      sse4 && has_instructions(Instructions::kAvx2) && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  switch (code) {
    case VectorCode::kAvx512:
      return avx2 && has_avx512() && __builtin_cpu_supports("avx512cd");
    case VectorCode::kAvx2:
      return avx2;
    case VectorCode::kSse4:
      return sse4;
    case VectorCode::kPlain:
      break;
  }
#endif
  return code == VectorCode::kPlain;
}

VectorCode detail::choose_vector_code() {
  auto best = VectorCode::kAvx512;
  while (!has_vector_code(best)) best = VectorCode{static_cast<int>(best) + 1};
  use_vector_code(best);
  return best;
}

}  // namespace heed

#include "heed/kernels/instruction_set.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "heed/base/error.h"
#include "hwy/detect_compiler_arch.h"
#if defined(__aarch64__)
#include <sys/auxv.h>
#elif HWY_ARCH_X86
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace heed {

#if defined(__aarch64__)
bool has_instructions(Instructions set) {
  return set == Instructions::kDotProduct && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}
#elif HWY_ARCH_X86
namespace {

// The names of HEED_MAX_CPU_ISA; the first is below all Instructions, which are in the same order.
constexpr std::string_view kLimits[] = {"SSE41",          "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_BF16",
                                        "AVX512_CORE_AMX"};

// How many of the instruction sets are allowed.
int limit() {
  const char* name = std::getenv("HEED_MAX_CPU_ISA");
  if (name == nullptr || *name == '\0') return std::ssize(kLimits) - 1;
  const auto* found = std::ranges::find(kLimits, name);
  if (found == std::end(kLimits)) {
    throw Error(ErrorKind::kArgument, "HEED_MAX_CPU_ISA has no instruction set '" + std::string(name) + "'");
  }
  return static_cast<int>(found - kLimits);
}

// A process asks the system once for the registers of tiles, which are too large to be kept for each.
bool has_tiles() {
  constexpr unsigned kTiles = 1U << 24, kBfloat16 = 1U << 22, kInt8 = 1U << 25;  // of leaf 7, edx
  constexpr unsigned kNeeded = kTiles | kBfloat16 | kInt8;
  constexpr long kAskForRegisters = 0x1023, kTileRegisters = 18;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kNeeded) != kNeeded) return false;
  return syscall(SYS_arch_prctl, kAskForRegisters, kTileRegisters) == 0;
}

// What is beyond the sets below it.
bool processor_has(Instructions set) {
  switch (set) {
    case Instructions::kAvx2:
      return __builtin_cpu_supports("avx2");
    case Instructions::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    case Instructions::kAvx512Vnni:
      return __builtin_cpu_supports("avx512vnni");
    case Instructions::kAvx512Bfloat16:
      return __builtin_cpu_supports("avx512bf16");
    case Instructions::kAmx:
      return has_tiles();
    case Instructions::kDotProduct:
      break;
  }
  return false;
}

}  // namespace

bool has_instructions(Instructions set) {
  static const int count = [] {
    __builtin_cpu_init();
    const int most = limit();
    int some = 0;
    while (some < most && processor_has(Instructions{some})) ++some;
    return some;
  }();
  return static_cast<int>(set) < count;
}
#else
bool has_instructions(Instructions) { return false; }
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

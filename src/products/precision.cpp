#include "heed/products/precision.h"

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/kernels/instruction_set.h"

namespace heed {

const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> names = {"float32", "bfloat16", "int8"};  // in the order of Precision
  return names;
}

std::string name_of(Precision precision) { return precision_names()[static_cast<std::size_t>(precision)]; }

Precision find_precision(const std::string& name) {
  const auto& names = precision_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Precision>(i);
  }
  throw UsageError("unknown precision '" + name + "'" + did_you_mean(name, names));
}

bool is_native(Precision precision) {
  if (precision == Precision::kFloat32) return true;
  if (precision == Precision::kBfloat16) return has_instructions(Instructions::kAvx512Bfloat16);
  return has_instructions(Instructions::kAvx512Vnni) || has_instructions(Instructions::kDotProduct);
}

namespace {

// Intel's processors multiply-add bfloat16 with AVX-512 on one port of two: without AMX at half the rate of float32
// (measured on one of model 207: 172 and 303 GFLOP/s). AMD's do it on both, at twice the rate.
bool has_fast_bfloat16() {
#if defined(__x86_64__)
  if (is_native(Precision::kBfloat16) && __builtin_cpu_is("amd") != 0) return true;
#endif
  return has_instructions(Instructions::kAmx);
}

}  // namespace

Precision fastest_training_precision() { return has_fast_bfloat16() ? Precision::kBfloat16 : Precision::kFloat32; }

}  // namespace heed

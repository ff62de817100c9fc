#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// Precision of matrix products. State, softmax, gradients and master weights are always float32.
///   bfloat16: both operands rounded to 8 bits of mantissa, sums in float32
///   int8:     weights with a scale for each output, inputs with a scale for each row, sums exact; inference only
enum class Precision { kFloat32, kBfloat16, kInt8 };

/// "float32", "bfloat16", "int8"
const std::vector<std::string>& precision_names();
std::string name_of(Precision precision);
/// Throws UsageError with the nearest name.
Precision find_precision(const std::string& name);

/// Whether this processor has instructions for it that Heed uses (bfloat16: AVX-512 BF16 or AMX; int8: AVX-512 VNNI,
/// AMX or Arm's SDOT). Without, products of operands rounded to bfloat16 are computed in float32: equal, but no faster;
/// those of int8 are the same integers from other instructions.
bool is_native(Precision precision);
/// The choice of `auto` in training: bfloat16 where its products are faster (AMX, or AMD's AVX-512 BF16), float32
/// elsewhere.
Precision fastest_training_precision();

}  // namespace heed

#pragma once
#include <filesystem>
#include <string>

#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"

// parameters.safetensors of a bundle (docs/bundle.md): named float32 arrays; or, of a quantized bundle, weights and
// tables in bfloat16, or in int8 beside their scales:
//   weight [in, out]        `name` int8 in blocks (heed/products/quantized.h),
//                           `name.scale` float32 [out], `name.sum` int32 [out]
//   table [rows, columns]   `name` int8, `name.scale` float32 [rows]
//   vector                  float32
namespace heed {

/// Numbers that the file's weights are stored in: float32, bfloat16 or int8. Throws Error for others.
Precision stored_precision(const SafetensorsReader& file, const std::string& path);
/// Lets the model's parameters lie in the file, which the model keeps; those in bfloat16 become float32 in memory.
/// Throws Error for arrays that are missing, have another shape, are unknown, or hold what is not finite.
void read_parameters(const SafetensorsReader& file, const std::string& path, Seq2Seq& model);
/// The bytes of the file.
std::string parameter_file(const ParameterList& parameters, Precision stored);

}  // namespace heed

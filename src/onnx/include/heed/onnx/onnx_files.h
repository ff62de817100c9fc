#pragma once
#include <filesystem>
#include <string>

#include "heed/model/bundle.h"

namespace heed {

// Files of an exported folder (docs/onnx.md), beside its vocabularies.
inline constexpr const char* kOnnxEncoder = "encoder.onnx";
inline constexpr const char* kOnnxStep = "decoder_step.onnx";
inline constexpr const char* kOnnxLoop = "heed.json";

/// Writes a model as two graphs of ONNX, what a loop around them has to know, and the vocabularies, into a directory
/// that exists. The bundle is one that was loaded in float32. Throws Error for a model that has no counterpart in ONNX:
/// it names the mechanism.
void write_onnx(const std::filesystem::path& directory, const Bundle& bundle);
/// Whether write_onnx() writes a file of this name.
bool is_onnx_file(const std::string& name);
/// Whether a directory has what write_onnx() writes.
bool has_onnx_files(const std::filesystem::path& directory);

}  // namespace heed

#include "heed/onnx/onnx_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "encoder.h"
#include "heed/base/atomic_file.h"
#include "heed/base/version.h"
#include "heed/model/file_names.h"
#include "heed/text/side_files.h"
#include "heed/text/vocabulary.h"
#include "output.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What reads the first version puts an end behind each source.
constexpr int kLoopVersion = 1;
constexpr int kLoopVersionWithoutEnd = 2;

Json shape_of(const onnx::Shape& shape) {
  Json out = Json::array();
  for (const onnx::Dimension& each : shape) {
    if (const auto* size = std::get_if<std::int64_t>(&each)) out.push_back(*size);
    if (const auto* name = std::get_if<std::string>(&each)) out.push_back(*name);
  }
  return out;
}

/// As NumPy and the tensors of ONNX Runtime have it.
const char* name_of(onnx::Type type) {
  switch (type) {
    case onnx::Type::kFloat:
      return "float32";
    case onnx::Type::kInt32:
      return "int32";
    case onnx::Type::kInt64:
      return "int64";
    case onnx::Type::kBool:
      return "bool";
  }
  return "";
}

Json value_of(const onnx::Remembered& value) {
  return {{"name", value.name}, {"type", name_of(value.type)}, {"shape", shape_of(value.shape)}};
}

Json side_of(const TextSide& side, const std::string& stem) {
  const TextOptions& options = side.options();
  Json out = {{"tokenizer", options.tokenizer}, {"file", tokens_file(options, stem)},
              {"lowercase", options.lowercase}, {"normalization", options.normalization},
              {"symbols", options.symbols},     {"reversed", options.reversed},
              {"end", options.end.always}};
  return out;
}

/// What a loop has to know; docs/onnx.md explains the keys.
Json loop_of(const Bundle& bundle, const onnx::Exchange& exchange, std::vector<std::vector<std::string>> layers) {
  const OutputLimit limit = bundle.config.data.output_limit();
  Json states = Json::array();
  for (const onnx::Remembered& each : exchange.states) {
    states.push_back(value_of(each));
    states.back()["next"] = each.name + onnx::Exchange::kNext;
  }
  Json memory = Json::array();
  for (const onnx::Remembered& each : exchange.memory) memory.push_back(value_of(each));
  Json features = Json::array();
  for (const FeatureOptions& each : bundle.source.options().features()) {
    features.push_back(
        {{"name", each.name}, {"input", "source.features." + each.name}, {"file", feature_file(each, kSourceStem)}});
  }
  return {{"format", "heed-onnx"},
          {"version", bundle.source.options().end.always ? kLoopVersion : kLoopVersionWithoutEnd},
          {"heed", kVersion},
          {"encoder", kOnnxEncoder},
          {"step", kOnnxStep},
          {"ids", {{"unknown", Vocabulary::kUnknown}, {"begin", Vocabulary::kBegin}, {"end", Vocabulary::kEnd}}},
          {"length_limit", {{"ratio", limit.ratio}, {"extra", limit.extra}}},
          {"source", side_of(bundle.source, kSourceStem)},
          {"target", side_of(bundle.target, kTargetStem)},
          {"features", features},
          {"copies", bundle.config.model.copies()},
          {"memory", memory},
          {"states", states},
          {"attention", has_attention(bundle.config.model.attention)},
          {"attention_layers", layers}};
}

}  // namespace

void write_onnx(const fs::path& directory, const Bundle& bundle) {
  onnx::Exchange exchange(*bundle.model);
  const onnx::Stepped step =
      onnx::add_decoder(exchange, onnx::add_bridges(exchange, onnx::add_encoder(exchange, bundle.source)));
  onnx::add_output(exchange, step);
  const auto layers = onnx::add_attention(exchange, step);
  write_file_atomically(directory / kOnnxEncoder, exchange.encoder.model("encoder"));
  write_file_atomically(directory / kOnnxStep, exchange.step.model("decoder_step"));
  bundle.source.save(directory.string(), kSourceStem);
  bundle.target.save(directory.string(), kTargetStem);
  constexpr int kIndent = 1;
  write_file_atomically(directory / kOnnxLoop, loop_of(bundle, exchange, layers).dump(kIndent) + "\n");
}

bool is_onnx_file(const std::string& name) {
  return name == kOnnxEncoder || name == kOnnxStep || name == kOnnxLoop || TextSide::is_file_of(kSourceStem, name) ||
         TextSide::is_file_of(kTargetStem, name);
}

bool has_onnx_files(const fs::path& directory) {
  std::error_code ignored;
  const auto files = {kOnnxEncoder, kOnnxStep, kOnnxLoop};
  return std::all_of(files.begin(), files.end(),
                     [&](const char* name) { return fs::exists(directory / name, ignored); });
}

}  // namespace heed

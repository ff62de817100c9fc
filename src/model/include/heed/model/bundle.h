#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "heed/base/export.h"
#include "heed/base/folder.h"
#include "heed/model/config.h"
#include "heed/products/precision.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

class Seq2Seq;

/// A trained model with all that using it needs: config.yaml, parameters.safetensors, and a vocabulary or SentencePiece
/// model for each side. Immutable in use: threads may share one, and copies share the model.
struct Bundle {
  Config config;
  TextSide source;
  TextSide target;
  std::shared_ptr<const Seq2Seq> model;
  Precision precision = Precision::kFloat32;  ///< of the model's products

  /// Memory-maps a directory's files and packs the weights for inference, in the given precision or the stored one;
  /// int8 weights are used in place. Replace a bundle in use by renaming, never by overwriting its files. Throws Error
  /// that names the file and the fault.
  static Bundle load(const std::filesystem::path& directory, std::optional<Precision> precision = std::nullopt);
  /// The same of files that lie anywhere, as in memory (Folder::of_memory).
  static Bundle load(const Folder& folder, std::optional<Precision> precision = std::nullopt);
};

/// Writes config.yaml, parameters.safetensors, the vocabularies, and the checksums of all (heed/base/checksums.h) into
/// a directory that exists (usually the temporary one of an AtomicDirectory). `stored`: kFloat32, kBfloat16 for
/// half of the size, or kInt8 for a quarter. Throws Error for a tokenizer that is 'auto': a training has chosen one.
void write_bundle(const std::filesystem::path& directory, const Config& config, const TextSide& source,
                  const TextSide& target, const Seq2Seq& model, Precision stored = Precision::kFloat32);

/// Throws UsageError if the sides of a model that is tied to both ('all' of model.tied) have other tokens.
void check_tied(const ModelOptions& options, const TextSide& source, const TextSide& target);
/// Numbers that the weights of the bundle in a directory are stored in: float32, bfloat16 or int8. Throws Error that
/// names the file.
Precision stored_precision(const std::filesystem::path& directory);
/// Whether the directory has a bundle, complete or not.
bool is_bundle(const std::filesystem::path& directory);
/// Whether a bundle, of any tokenizer, has a file of this name.
bool is_bundle_file(const std::string& name);

}  // namespace heed

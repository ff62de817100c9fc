#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/products/precision.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

class Seq2Seq;

/// A trained model with all that using it needs: config.yaml, parameters.safetensors, and a vocabulary or SentencePiece
/// model for each side. Using it changes nothing in it: threads may share one, and copies share the model.
struct Bundle {
  Config config;
  TextSide source;
  TextSide target;
  std::shared_ptr<const Seq2Seq> model;
  Precision precision = Precision::kFloat32;  ///< of the model's products

  /// Maps a directory's files and packs the weights for inference, in the numbers asked for or those that are stored: a
  /// bundle in int8 is used as it lies. The files must stay as they are while the model lives: replace a bundle by
  /// renaming, never by writing into its files. Throws Error that names the file and what is wrong with it.
  static Bundle load(const std::filesystem::path& directory, std::optional<Precision> precision = std::nullopt);
};

/// Writes config.yaml, parameters.safetensors, the vocabularies, and the checksums of all (heed/base/checksums.h) into
/// a directory that exists (usually the temporary one of an AtomicDirectory). `stored`: kFloat32, or kInt8 for a
/// quarter of the size.
void write_bundle(const std::filesystem::path& directory, const Config& config, const TextSide& source,
                  const TextSide& target, const Seq2Seq& model, Precision stored = Precision::kFloat32);

/// What a training keeps beside its bundle, to go on from.
inline constexpr const char* kTrainingState = "training_state";

/// A bundle of Heed stands there, whole or not.
bool is_bundle(const std::filesystem::path& directory);
/// A file of a bundle with any tokenizer.
bool is_bundle_file(const std::string& name);

}  // namespace heed

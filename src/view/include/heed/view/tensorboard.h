#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/export.h"

/// TensorBoard's event files and projector files, piece by piece: each function returns bytes to append to a file.
/// Tags, texts and tokens are UTF-8.
namespace heed {
namespace HEED_ENGINE_API tensorboard {

/// Time and step of a record.
struct Moment {
  double wall_time = 0;  ///< seconds since 1970
  std::int64_t step = 0;
};

/// The first record of every file.
std::string file_version(double wall_time);
/// Where a training begins or goes on, the second record of every file: TensorBoard drops earlier records of this step
/// and later ones. One of its readers (plugin_event_accumulator) takes the first of a run for its beginning, and drops
/// nothing there.
std::string session_start(const Moment& moment);
std::string scalars(const Moment& moment, std::span<const std::pair<std::string, double>> values);
/// Markdown.
std::string text(const Moment& moment, const std::string& tag, const std::string& markdown);
/// Values that are not finite are left out; if none is left, nothing is written.
std::string histogram(const Moment& moment, const std::string& tag, std::span<const float> values);
/// Throws Error if `png` is not a PNG file.
std::string image(const Moment& moment, const std::string& tag, const std::string& png);

/// A record: length, masked CRC-32C of the length, data, masked CRC-32C of the data; numbers little-endian.
std::string record(std::string_view data);
/// CRC-32C (Castagnoli; RFC 3720, B.4).
std::uint32_t crc32c(std::string_view data);

/// An array for the projector.
struct Embedding {
  std::string name;
  std::string vectors;  ///< names of files beside projector_config.pbtxt
  std::string metadata;
};
/// projector_config.pbtxt: a ProjectorConfig in protobuf's text form.
std::string projector_config(std::span<const Embedding> embeddings);
/// A row of numbers a line, tabs between.
std::string projector_vectors(std::span<const float> values, std::size_t columns);
/// A label a line. Control characters become visible text.
std::string projector_labels(std::span<const std::string> tokens);

}  // namespace tensorboard
}  // namespace heed

#include "heed/view/tensorboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <protozero/pbf_builder.hpp>

#include "heed/base/error.h"
#include "labels.h"

namespace heed::tensorboard {
namespace {

// What of TensorFlow's event.proto, summary.proto, histogram.proto, tensor.proto and tensor_shape.proto event files
// need: messages and the numbers of their fields.
using Tag = protozero::pbf_tag_type;
enum class Event : Tag { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum class SessionLog : Tag { kStatus = 1 };
enum class Summary : Tag { kValue = 1 };
enum class Value : Tag { kTag = 1, kSimpleValue = 2, kImage = 4, kHistogram = 5, kTensor = 8, kMetadata = 9 };
enum class Image : Tag { kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4 };
enum class Histogram : Tag { kMin = 1, kMax, kNum, kSum, kSumSquares, kBucketLimit, kBucket };
enum class Tensor : Tag { kType = 1, kShape = 2, kStrings = 8 };
enum class Shape : Tag { kDim = 2 };
enum class Dim : Tag { kSize = 1 };
enum class Metadata : Tag { kPlugin = 1 };
enum class Plugin : Tag { kName = 1 };
constexpr int kString = 7;  // DT_STRING
constexpr int kStart = 1;   // SessionLog.START
constexpr int kRgb = 3;

template <typename Fields>
using Message = protozero::pbf_builder<Fields>;

constexpr std::size_t kBuckets = 64;

std::array<std::uint32_t, 256> make_crc_table() {
  constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41, bits reversed
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

template <typename Number>
std::string little_endian(Number value) {
  std::string out;
  for (std::size_t i = 0; i < sizeof(Number); ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
  return out;
}

// A CRC of data that hold CRCs tells little; TensorFlow's files mask theirs.
std::string masked_crc(std::string_view data) {
  const std::uint32_t crc = crc32c(data);
  return little_endian(((crc >> 15) | (crc << 17)) + 0xa282ead8U);
}

/// The record of an event; `fill` adds what happened.
template <typename Fill>
std::string event_record(const Moment& moment, const Fill& fill) {
  std::string data;
  Message<Event> event(data);
  event.add_double(Event::kWallTime, moment.wall_time);
  event.add_int64(Event::kStep, moment.step);
  fill(event);
  return record(data);
}

/// The record of a summary of one value; `fill` adds it to its tag.
template <typename Fill>
std::string value_record(const Moment& moment, const std::string& tag, const Fill& fill) {
  return event_record(moment, [&](Message<Event>& event) {
    Message<Summary> summary(event, Event::kSummary);
    Message<Value> value(summary, Summary::kValue);
    value.add_string(Value::kTag, tag);
    fill(value);
  });
}

void fill_histogram(Message<Histogram>& out, const std::vector<float>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = *least;
  const double width = (static_cast<double>(*most) - low) / kBuckets;
  std::vector<double> limits;
  std::vector<double> counts(width > 0 ? kBuckets : 1);
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    const double number = value;
    sum += number;
    squares += number * number;
    const auto place = width > 0 ? static_cast<std::size_t>((number - low) / width) : 0;
    ++counts[std::min(place, counts.size() - 1)];
  }
  for (std::size_t i = 1; i < counts.size(); ++i) limits.push_back(low + width * static_cast<double>(i));
  limits.push_back(*most);
  out.add_double(Histogram::kMin, low);
  out.add_double(Histogram::kMax, *most);
  out.add_double(Histogram::kNum, static_cast<double>(values.size()));
  out.add_double(Histogram::kSum, sum);
  out.add_double(Histogram::kSumSquares, squares);
  out.add_packed_double(Histogram::kBucketLimit, limits.begin(), limits.end());
  out.add_packed_double(Histogram::kBucket, counts.begin(), counts.end());
}

std::int32_t big_endian(std::string_view bytes) {
  std::uint32_t out = 0;
  for (const char byte : bytes) out = (out << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int32_t>(out);
}

// A string of the text form: every byte that is not plain is an octal escape.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const bool plain = c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
    out += plain ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return out + "\"";
}

}  // namespace

std::uint32_t crc32c(std::string_view data) {
  static const std::array<std::uint32_t, 256> table = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : data) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

std::string record(std::string_view data) {
  const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
  return length + masked_crc(length) + std::string(data) + masked_crc(data);
}

std::string file_version(double wall_time) {
  return event_record({wall_time, 0},
                      [](Message<Event>& event) { event.add_string(Event::kFileVersion, "brain.Event:2"); });
}

std::string session_start(const Moment& moment) {
  return event_record(moment, [](Message<Event>& event) {
    Message<SessionLog>(event, Event::kSessionLog).add_enum(SessionLog::kStatus, kStart);
  });
}

std::string scalars(const Moment& moment, std::span<const std::pair<std::string, double>> values) {
  return event_record(moment, [&](Message<Event>& event) {
    Message<Summary> summary(event, Event::kSummary);
    for (const auto& [tag, number] : values) {
      Message<Value> value(summary, Summary::kValue);
      value.add_string(Value::kTag, tag);
      value.add_float(Value::kSimpleValue, static_cast<float>(number));
    }
  });
}

std::string text(const Moment& moment, const std::string& tag, const std::string& markdown) {
  return value_record(moment, tag, [&](Message<Value>& value) {
    Message<Tensor> tensor(value, Value::kTensor);
    tensor.add_enum(Tensor::kType, kString);
    Message<Shape> shape(tensor, Tensor::kShape);
    Message<Dim>(shape, Shape::kDim).add_int64(Dim::kSize, 1);
    shape.commit();
    tensor.add_bytes(Tensor::kStrings, markdown);
    tensor.commit();
    Message<Metadata> metadata(value, Value::kMetadata);
    Message<Plugin>(metadata, Metadata::kPlugin).add_string(Plugin::kName, "text");
  });
}

std::string histogram(const Moment& moment, const std::string& tag, std::span<const float> values) {
  std::vector<float> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](float v) { return std::isfinite(v); });
  if (finite.empty()) return "";
  return value_record(moment, tag, [&](Message<Value>& value) {
    Message<Histogram> counts(value, Value::kHistogram);
    fill_histogram(counts, finite);
  });
}

std::string image(const Moment& moment, const std::string& tag, const std::string& png) {
  // Signature, length and name of the first chunk, then width and height.
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  if (!png.starts_with(kSignature) || png.size() < 24) throw Error("image '" + tag + "' is not a PNG file");
  return value_record(moment, tag, [&](Message<Value>& value) {
    Message<Image> picture(value, Value::kImage);
    picture.add_int32(Image::kHeight, big_endian(std::string_view(png).substr(20, 4)));
    picture.add_int32(Image::kWidth, big_endian(std::string_view(png).substr(16, 4)));
    picture.add_int32(Image::kColorspace, kRgb);
    picture.add_bytes(Image::kEncoded, png);
  });
}

std::string projector_config(std::span<const Embedding> embeddings) {
  std::string out;
  for (const Embedding& embedding : embeddings) {
    out += fmt::format("embeddings {{\n  tensor_name: {}\n  tensor_path: {}\n  metadata_path: {}\n}}\n",
                       quoted(embedding.name), quoted(embedding.vectors), quoted(embedding.metadata));
  }
  return out;
}

std::string projector_vectors(std::span<const float> values, std::size_t columns) {
  fmt::memory_buffer out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{:.5g}{}", values[i], (i + 1) % columns == 0 ? '\n' : '\t');
  }
  return fmt::to_string(out);
}

std::string projector_labels(std::span<const std::string> tokens) {
  std::string out;
  for (const std::string& token : tokens) out += view::visible_label(token, true) + "\n";
  return out;
}

}  // namespace heed::tensorboard

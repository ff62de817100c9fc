#include "heed/view/tensorboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "heed/base/error.h"
#include "labels.h"
#include "tensorboard.pb.h"

namespace heed::tensorboard {
namespace {

constexpr int kString = 7;  // DT_STRING
constexpr int kStart = 1;   // SessionLog.START
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

Event event_at(const Moment& moment) {
  Event out;
  out.set_wall_time(moment.wall_time);
  out.set_step(moment.step);
  return out;
}

void fill(Histogram& out, const std::vector<float>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = *least;
  const double width = (static_cast<double>(*most) - low) / kBuckets;
  std::array<double, kBuckets> counts{};
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    const double number = value;
    sum += number;
    squares += number * number;
    const auto place = width > 0 ? static_cast<std::size_t>((number - low) / width) : 0;
    ++counts[std::min(place, kBuckets - 1)];
  }
  out.set_min(low);
  out.set_max(*most);
  out.set_num(static_cast<double>(values.size()));
  out.set_sum(sum);
  out.set_sum_squares(squares);
  for (std::size_t i = 0; i < kBuckets; ++i) {
    out.add_bucket_limit(i + 1 == kBuckets ? static_cast<double>(*most) : low + width * static_cast<double>(i + 1));
    out.add_bucket(counts[i]);
    if (width == 0) break;
  }
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
  Event event = event_at({wall_time, 0});
  event.set_file_version("brain.Event:2");
  return record(event.SerializeAsString());
}

std::string restart(const Moment& moment) {
  Event event = event_at(moment);
  event.mutable_session_log()->set_status(kStart);
  return record(event.SerializeAsString());
}

std::string scalars(const Moment& moment, std::span<const std::pair<std::string, double>> values) {
  Event event = event_at(moment);
  for (const auto& [tag, number] : values) {
    Summary::Value& value = *event.mutable_summary()->add_value();
    value.set_tag(tag);
    value.set_simple_value(static_cast<float>(number));
  }
  return record(event.SerializeAsString());
}

std::string text(const Moment& moment, const std::string& tag, const std::string& markdown) {
  Event event = event_at(moment);
  Summary::Value& value = *event.mutable_summary()->add_value();
  value.set_tag(tag);
  value.mutable_metadata()->mutable_plugin_data()->set_plugin_name("text");
  Tensor& tensor = *value.mutable_tensor();
  tensor.set_dtype(kString);
  tensor.mutable_tensor_shape()->add_dim()->set_size(1);
  tensor.add_string_val(markdown);
  return record(event.SerializeAsString());
}

std::string histogram(const Moment& moment, const std::string& tag, std::span<const float> values) {
  std::vector<float> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](float v) { return std::isfinite(v); });
  if (finite.empty()) return "";
  Event event = event_at(moment);
  Summary::Value& value = *event.mutable_summary()->add_value();
  value.set_tag(tag);
  fill(*value.mutable_histo(), finite);
  return record(event.SerializeAsString());
}

std::string image(const Moment& moment, const std::string& tag, const std::string& png) {
  // Signature, length and name of the first chunk, then width and height.
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  if (!png.starts_with(kSignature) || png.size() < 24) throw Error("image '" + tag + "' is no PNG file");
  Event event = event_at(moment);
  Summary::Value& value = *event.mutable_summary()->add_value();
  value.set_tag(tag);
  Summary::Image& picture = *value.mutable_image();
  picture.set_width(big_endian(std::string_view(png).substr(16, 4)));
  picture.set_height(big_endian(std::string_view(png).substr(20, 4)));
  picture.set_colorspace(3);  // RGB
  picture.set_encoded_image_string(png);
  return record(event.SerializeAsString());
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

#include "heed/view/tensorboard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <protozero/pbf_reader.hpp>

#include "heed/base/error.h"
#include "heed/view/attention_picture.h"

namespace heed::tensorboard {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

using Number = protozero::pbf_tag_type;

/// A protobuf message, read by the numbers of its fields; TensorFlow's .proto files have their names.
class Message {
 public:
  explicit Message(std::string bytes) : bytes_(std::move(bytes)) {}
  std::vector<protozero::pbf_reader> all(Number number) const {
    std::vector<protozero::pbf_reader> out;
    for (protozero::pbf_reader field(bytes_); field.next(); field.skip()) {
      if (field.tag() == number) out.push_back(field);
    }
    return out;
  }
  protozero::pbf_reader only(Number number) const {
    EXPECT_EQ(all(number).size(), 1U) << "field " << number;
    return all(number).at(0);
  }
  Message message(Number number) const { return Message(text(number)); }
  std::string text(Number number) const { return only(number).get_string(); }
  double real(Number number) const { return only(number).get_double(); }
  std::int64_t whole(Number number) const { return only(number).get_int64(); }
  std::vector<double> reals(Number number) const {
    const auto range = only(number).get_packed_double();
    return {range.begin(), range.end()};
  }

 private:
  std::string bytes_;
};

Message only_event(const std::string& bytes) {
  const std::uint64_t length = little_endian(std::string_view(bytes).substr(0, 8));
  EXPECT_EQ(bytes.size(), length + 16);
  return Message(bytes.substr(12, length));
}
Message only_value(const std::string& bytes) { return only_event(bytes).message(5).message(1); }

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

// RFC 3720, B.4, and the check value of the CRC catalogue.
TEST(Tensorboard, Crc32cOfKnownData) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
}

TEST(Tensorboard, ARecordHasLengthAndMaskedCrcs) {
  const std::string bytes = record("123456789");
  ASSERT_EQ(bytes.size(), 8U + 4 + 9 + 4);
  EXPECT_EQ(little_endian(bytes.substr(0, 8)), 9U);
  EXPECT_EQ(bytes.substr(12, 9), "123456789");
  // 0xe3069283 turned right by 15 bits, plus 0xa282ead8.
  EXPECT_EQ(little_endian(bytes.substr(21)), 0xc78ab0e5U);
}

TEST(Tensorboard, ScalarsOfOneMoment) {
  const std::vector<std::pair<std::string, double>> values = {{"loss", 1.5}, {"rate", 0.25}};
  const Message event = only_event(scalars({1e9, 42}, values));
  EXPECT_EQ(event.whole(2), 42);
  EXPECT_EQ(event.real(1), 1e9);
  const Message summary = event.message(5);
  ASSERT_EQ(summary.all(1).size(), 2U);
  const Message rate(summary.all(1)[1].get_string());
  EXPECT_EQ(rate.text(1), "rate");
  EXPECT_EQ(rate.only(2).get_float(), 0.25F);
}

TEST(Tensorboard, AHistogramCountsEachFiniteValueOnce) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {-1, -1, 0, 0.5F, 3, kNan};
  const Message histo = only_value(histogram({1, 2}, "w", values)).message(5);
  EXPECT_EQ(histo.real(3), 5);
  EXPECT_EQ(histo.real(1), -1);
  EXPECT_EQ(histo.real(2), 3);
  EXPECT_EQ(histo.real(4), 1.5);
  EXPECT_EQ(histo.real(5), 11.25);
  const std::vector<double> buckets = histo.reals(7);
  ASSERT_EQ(buckets.size(), histo.reals(6).size());
  EXPECT_EQ(buckets.front(), 2);
  EXPECT_EQ(buckets.back(), 1);
  double sum = 0;
  for (const double count : buckets) sum += count;
  EXPECT_EQ(sum, 5);
}

TEST(Tensorboard, AHistogramOfEqualValuesOrOfNone) {
  const std::vector<float> same(7, 2.0F);
  const std::vector<double> buckets = only_value(histogram({1, 2}, "w", same)).message(5).reals(7);
  ASSERT_EQ(buckets.size(), 1U);
  EXPECT_EQ(buckets[0], 7);
  EXPECT_EQ(histogram({1, 2}, "w", {}), "");
}

TEST(Tensorboard, TextIsATensorOfThePlugin) {
  const Message value = only_value(text({1, 2}, "t", "**bold** <b>"));
  EXPECT_EQ(value.message(9).message(1).text(1), "text");
  EXPECT_EQ(value.message(8).whole(1), 7);
  EXPECT_EQ(value.message(8).text(8), "**bold** <b>");
}

TEST(Tensorboard, AnImageHasTheSizeOfItsPng) {
  const AttentionPicture picture{{"a", "b", "c"}, {"x", "y"}, {{1, 0, 0}, {0, 0.5F, 0.5F}}};
  const std::string png = render_png(std::span(&picture, 1), {});
  const Message shown = only_value(image({1, 2}, "i", png)).message(4);
  // Bytes 16 to 23 of a PNG are its width and height, the highest byte first.
  const auto number = [&](std::size_t at) {
    int out = 0;
    for (std::size_t i = at; i < at + 4; ++i) out = out * 256 + static_cast<unsigned char>(png[i]);
    return out;
  };
  EXPECT_EQ(shown.whole(2), number(16));
  EXPECT_EQ(shown.whole(1), number(20));
  EXPECT_EQ(shown.text(4), png);
  EXPECT_THROW(image({1, 2}, "i", "GIF89a"), Error);
}

// What `protoc --encode` makes of the same events with TensorFlow's .proto files.
TEST(Tensorboard, BytesAreThoseOfProtobuf) {
  const auto data = [](const std::string& bytes) { return hex(bytes.substr(12, bytes.size() - 16)); };
  const std::vector<std::pair<std::string, double>> values = {{"loss", 1.5}, {"rate", 0.25}};
  EXPECT_EQ(data(scalars({1e9, 42}, values)),
            "090000000065cdcd41102a2a1a0a0b0a046c6f7373150000c03f0a0b0a0472617465150000803e");
  EXPECT_EQ(data(text({1, 2}, "t", "**bold** <b>")),
            "09000000000000f03f10022a270a250a017442160807120412020801420c2a2a626f6c642a2a203c623e4a080a060a0474657874");
  EXPECT_EQ(data(histogram({1, 2}, "w", std::vector<float>(7, 2.0F))),
            "09000000000000f03f10022a480a460a01772a41090000000000000040110000000000000040190000000000001c40"
            "210000000000002c40290000000000003c40320800000000000000403a080000000000001c40");
  EXPECT_EQ(data(session_start({1, 2})), "09000000000000f03f10023a020801");
}

TEST(Tensorboard, ProjectorFiles) {
  const std::vector<float> values = {1, 2.5F, -0.125F, 0};
  EXPECT_EQ(projector_vectors(values, 2), "1\t2.5\n-0.125\t0\n");
  const std::vector<std::string> tokens = {"a\tb", "\n", "\u00e9"};
  EXPECT_EQ(projector_labels(tokens), "a\u2409b\n\u240a\n\u00e9\n");
  const std::vector<Embedding> embeddings = {{"source.\"e\"", "v.tsv", "l.tsv"}};
  EXPECT_EQ(projector_config(embeddings),
            "embeddings {\n  tensor_name: \"source.\\042e\\042\"\n  tensor_path: \"v.tsv\"\n  metadata_path: "
            "\"l.tsv\"\n}\n");
}

}  // namespace
}  // namespace heed::tensorboard

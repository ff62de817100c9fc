#include "heed/view/tensorboard.h"

#include <gtest/gtest.h>

#include <limits>

#include "heed/base/error.h"
#include "heed/view/drawing.h"
#include "tensorboard.pb.h"

namespace heed::tensorboard {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

Event only_event(const std::string& bytes) {
  const std::uint64_t length = little_endian(std::string_view(bytes).substr(0, 8));
  EXPECT_EQ(bytes.size(), length + 16);
  Event out;
  EXPECT_TRUE(out.ParseFromString(bytes.substr(12, length)));
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
  const Event event = only_event(scalars({1e9, 42}, values));
  EXPECT_EQ(event.step(), 42);
  EXPECT_EQ(event.wall_time(), 1e9);
  ASSERT_EQ(event.summary().value_size(), 2);
  EXPECT_EQ(event.summary().value(1).tag(), "rate");
  EXPECT_EQ(event.summary().value(1).simple_value(), 0.25F);
}

TEST(Tensorboard, AHistogramCountsEachFiniteValueOnce) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {-1, -1, 0, 0.5F, 3, kNan};
  const Histogram histo = only_event(histogram({1, 2}, "w", values)).summary().value(0).histo();
  EXPECT_EQ(histo.num(), 5);
  EXPECT_EQ(histo.min(), -1);
  EXPECT_EQ(histo.max(), 3);
  EXPECT_EQ(histo.sum(), 1.5);
  EXPECT_EQ(histo.sum_squares(), 11.25);
  ASSERT_EQ(histo.bucket_size(), histo.bucket_limit_size());
  EXPECT_EQ(histo.bucket(0), 2);
  EXPECT_EQ(histo.bucket(histo.bucket_size() - 1), 1);
  double sum = 0;
  for (const double count : histo.bucket()) sum += count;
  EXPECT_EQ(sum, 5);
}

TEST(Tensorboard, AHistogramOfEqualValuesOrOfNone) {
  const std::vector<float> same(7, 2.0F);
  const Histogram histo = only_event(histogram({1, 2}, "w", same)).summary().value(0).histo();
  ASSERT_EQ(histo.bucket_size(), 1);
  EXPECT_EQ(histo.bucket(0), 7);
  EXPECT_EQ(histogram({1, 2}, "w", {}), "");
}

TEST(Tensorboard, TextIsATensorOfThePlugin) {
  const Event event = only_event(text({1, 2}, "t", "**bold** <b>"));
  const Summary::Value& value = event.summary().value(0);
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "text");
  EXPECT_EQ(value.tensor().dtype(), 7);
  EXPECT_EQ(value.tensor().string_val(0), "**bold** <b>");
}

TEST(Tensorboard, AnImageHasTheSizeOfItsPng) {
  const AttentionPicture picture{{"a", "b", "c"}, {"x", "y"}, {{1, 0, 0}, {0, 0.5F, 0.5F}}};
  const std::string png = render_png(std::span(&picture, 1), {});
  const Event event = only_event(image({1, 2}, "i", png));
  // Bytes 16 to 23 of a PNG are its width and height, the highest byte first.
  const auto number = [&](std::size_t at) {
    int out = 0;
    for (std::size_t i = at; i < at + 4; ++i) out = out * 256 + static_cast<unsigned char>(png[i]);
    return out;
  };
  EXPECT_EQ(event.summary().value(0).image().width(), number(16));
  EXPECT_EQ(event.summary().value(0).image().height(), number(20));
  EXPECT_EQ(event.summary().value(0).image().encoded_image_string(), png);
  EXPECT_THROW(image({1, 2}, "i", "GIF89a"), Error);
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

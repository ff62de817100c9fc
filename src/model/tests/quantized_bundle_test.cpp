#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
#include "heed/model/bundle.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "numbered_side.h"
#include "sanitized.h"
#include "small_text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

class QuantizedBundle : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / ("heed-quantized-" + std::string(test->name()) + std::to_string(getpid()));
    fs::remove_all(root_);
    write("bahdanau");
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path whole() const { return root_ / "whole"; }
  fs::path small() const { return root_ / "small"; }
  fs::path half() const { return root_ / "half"; }
  fs::path parameters() const { return small() / "parameters.safetensors"; }

  /// The same model in float32, in bfloat16 and in int8.
  void write(const std::string& attention, const std::string& cell = "lstm", const std::string& bridge = "dense",
             const std::string& tied = "none") const {
    Config config;
    config.model.tied = tied;
    config.model.encoder_cell = config.model.decoder_cell = cell;
    config.model.bridge = bridge;
    config.data.source.tokenizer = config.data.target.tokenizer = "words";
    config.model.embedding = 72;
    config.model.encoder_hidden = 90;
    config.model.decoder_hidden = 130;
    if (attention == "luong-dot") config.model.encoder_hidden = config.model.decoder_hidden;
    config.model.attention.kind = attention;
    const TextSide source = TextSide::build(config.data.source, kSource);
    const TextSide target = TextSide::build(config.data.target, tied == "all" ? kSource : kTarget);
    const Seq2Seq model(config.model, SourceTables(source.vocabulary_size()), target.vocabulary_size(), 3);
    for (const auto& [directory, stored] :
         {std::pair(whole(), Precision::kFloat32), std::pair(half(), Precision::kBfloat16),
          std::pair(small(), Precision::kInt8)}) {
      fs::create_directories(directory);
      write_bundle(directory, config, source, target, model, stored);
      fs::remove(directory / Checksums::kFile);  // what tests change is to be noticed by what reads it
    }
  }

  std::string error(std::optional<Precision> precision = std::nullopt) const {
    return error_of([&] { Bundle::load(small(), precision); });
  }
  void expect_error(const std::string& part) const {
    const std::string message = error();
    EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' has no '" << part << "'";
    EXPECT_NE(message.find(parameters().string()), std::string::npos) << message;
  }

  /// Writes the file again, with an array that `change` was let at.
  void rewrite(const std::string& name, const std::function<void(SafetensorsArray&)>& change) const {
    const SafetensorsReader file(parameters());
    std::vector<SafetensorsArray> arrays;
    for (const auto& [key, array] : file.arrays()) {
      arrays.push_back({key, array.type, array.shape, array.bytes});
      if (key == name) change(arrays.back());
    }
    write_file_atomically(parameters(), to_safetensors(arrays, file.metadata()));
  }

  fs::path root_;
};

TEST_F(QuantizedBundle, IsTheModelInInt8ToTheBit) {
  for (const char* attention : {"none", "bahdanau", "luong-dot", "luong-general", "luong-concat"}) {
    write(attention);
    const Bundle stored = Bundle::load(small());
    EXPECT_EQ(stored.precision, Precision::kInt8);
    const std::vector<float> expected = log_probabilities(Bundle::load(whole(), Precision::kInt8));
    EXPECT_EQ(log_probabilities(stored), expected) << attention;
    EXPECT_EQ(log_probabilities(Bundle::load(small(), Precision::kInt8)), expected) << attention;
    EXPECT_NE(log_probabilities(Bundle::load(whole())), expected) << attention;
  }
}

TEST_F(QuantizedBundle, HoldsEveryCellAndBridge) {
  for (const std::string& cell : cell_names()) {
    for (const char* bridge : {"mean-tanh", "learned"}) {
      write("bahdanau", cell, bridge);
      const std::vector<float> expected = log_probabilities(Bundle::load(whole(), Precision::kInt8));
      EXPECT_EQ(log_probabilities(Bundle::load(small())), expected) << cell << ' ' << bridge;
      EXPECT_NE(log_probabilities(Bundle::load(whole())), expected) << cell << ' ' << bridge;
    }
  }
}

// Once, in the order of products; embeddings are read from it.
TEST_F(QuantizedBundle, HoldsATiedTableOnce) {
  for (const char* tied : {"target", "all"}) {
    write("luong-general", "lstm", "dense", tied);
    const std::vector<float> expected = log_probabilities(Bundle::load(whole(), Precision::kInt8));
    EXPECT_EQ(log_probabilities(Bundle::load(small())), expected) << tied;
    EXPECT_NE(log_probabilities(Bundle::load(whole())), expected) << tied;
    const SafetensorsReader file(parameters());
    EXPECT_FALSE(file.arrays().contains("generator.weight"));
    EXPECT_EQ(file.arrays().at("target.embedding").shape.size(), 3U);
    EXPECT_EQ(file.arrays().contains("source.embedding"), std::string(tied) == "target");
  }
}

TEST_F(QuantizedBundle, OutlivesItsFile) {
  const Bundle bundle = Bundle::load(small());
  const std::vector<float> expected = log_probabilities(bundle);
  fs::remove_all(small());
  EXPECT_EQ(log_probabilities(bundle), expected);
}

TEST_F(QuantizedBundle, TakesAboutAQuarterOfTheBytes) {
  Config config;
  config.data.source = config.data.target = numbered_side(1000).options();
  config.model.embedding = config.model.encoder_hidden = config.model.decoder_hidden = 128;
  const TextSide side = numbered_side(1000);
  const Seq2Seq model(config.model, SourceTables(1000), 1000, 3);
  write_bundle(whole(), config, side, side, model);
  write_bundle(small(), config, side, side, model, Precision::kInt8);
  const auto before = static_cast<double>(fs::file_size(whole() / "parameters.safetensors"));
  EXPECT_LT(static_cast<double>(fs::file_size(parameters())), 0.28 * before);
}

TEST_F(QuantizedBundle, CanNotBecomeFloatAgain) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const std::string message = error(precision);
    EXPECT_NE(message.find("has int8 weights, which cannot become " + name_of(precision)), std::string::npos)
        << message;
  }
}

TEST_F(QuantizedBundle, TruncatedParameters) {
  shorten_config(small(), 72, 90, 130);
  ASSERT_EQ(error(), "");
  const std::string file = read_file(parameters());
  for (std::size_t size = 0; size < file.size(); size += 4999) {
    overwrite(parameters(), file.substr(0, size));
    expect_error("truncated");
  }
}

TEST_F(QuantizedBundle, CorruptedHeadersAreErrorsOrHarmless) {
  shorten_config(small(), 72, 90, 130);
  ASSERT_EQ(error(), "");
  const std::string file = read_file(parameters());
  std::uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof header);
  for (std::size_t at = 0; at < 8 + header; at += kSanitized ? 43 : 11) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    overwrite(parameters(), damaged);
    const std::string message = error();
    if (message.empty()) continue;
    EXPECT_NE(message.find("parameters.safetensors"), std::string::npos) << message;
  }
}

TEST_F(QuantizedBundle, ArraysThatDoNotFitAreNamed) {
  const auto reset = [&] { write("bahdanau"); };
  rewrite("generator.weight", [](SafetensorsArray& array) { array.name = "another"; });
  expect_error("'generator.weight' is missing");
  reset();
  rewrite("generator.weight.sum", [](SafetensorsArray& array) { array.type = "F32"; });
  expect_error("'generator.weight.sum' is F32, not I32");
  reset();
  rewrite("generator.weight", [](SafetensorsArray& array) { std::swap(array.shape[0], array.shape[2]); });
  expect_error("'generator.weight' has the shape");
  reset();
  rewrite("source.embedding.scale", [](SafetensorsArray& array) {
    static const std::vector<float> bad(100, std::numeric_limits<float>::quiet_NaN());
    array.bytes = {reinterpret_cast<const char*>(bad.data()), array.bytes.size()};
  });
  expect_error("'source.embedding.scale' holds");
}

// Weights and embeddings in bfloat16, vectors in float32; products in the precision that is asked for.
TEST_F(QuantizedBundle, OfBfloat16HoldsRoundedWeights) {
  for (const char* tied : {"none", "all"}) {
    write("bahdanau", "gru", "dense", tied);
    const Bundle before = Bundle::load(whole());
    const Bundle after = Bundle::load(half(), Precision::kFloat32);
    EXPECT_EQ(after.precision, Precision::kFloat32);
    EXPECT_EQ(Bundle::load(half()).precision, Precision::kBfloat16);
    const auto expected = before.model->parameters().all();
    for (std::size_t p = 0; p < expected.size(); ++p) {
      const Tensor& given = expected[p]->value.view();
      const Tensor& found = after.model->parameters().all()[p]->value.view();
      std::vector<float> rounded(given.data, given.data + given.size());
      if (expected[p]->role != ParameterRole::kVector) round_to_bfloat16(given.data, rounded.data(), given.size());
      EXPECT_TRUE(std::equal(rounded.begin(), rounded.end(), found.data)) << expected[p]->name;
    }
    // The same weights for products in bfloat16, which round them anyway.
    write_bundle(small(), after.config, after.source, after.target, *after.model, Precision::kBfloat16);
    fs::remove(small() / Checksums::kFile);
    EXPECT_EQ(read_file(parameters()), read_file(half() / "parameters.safetensors"));
    EXPECT_NE(log_probabilities(after), log_probabilities(before));
    EXPECT_NE(log_probabilities(Bundle::load(half(), Precision::kInt8)), log_probabilities(after));
  }
}

TEST_F(QuantizedBundle, OfBfloat16TakesHalfOfTheBytes) {
  const TextSide side = numbered_side(1000);
  Config config;
  config.data.source = config.data.target = side.options();
  const Seq2Seq model(config.model, SourceTables(1000), 1000, 3);
  write_bundle(whole(), config, side, side, model);
  write_bundle(half(), config, side, side, model, Precision::kBfloat16);
  EXPECT_LT(static_cast<double>(fs::file_size(half() / "parameters.safetensors")),
            0.51 * static_cast<double>(fs::file_size(whole() / "parameters.safetensors")));
}

TEST_F(QuantizedBundle, OfBfloat16IsCheckedLikeOthers) {
  fs::remove_all(small());
  fs::rename(half(), small());
  const std::string file = read_file(parameters());
  for (const std::size_t size : {std::size_t{3}, file.size() / 2, file.size() - 1}) {
    write_file_atomically(parameters(), file.substr(0, size));
    expect_error("truncated");
  }
  write_file_atomically(parameters(), file);
  rewrite("generator.weight", [](SafetensorsArray& array) { array.type = "F16"; });
  expect_error("'generator.weight' is F16, not BF16");
  write_file_atomically(parameters(), file);
  rewrite("generator.weight", [](SafetensorsArray& array) { std::swap(array.shape[0], array.shape[1]); });
  expect_error("'generator.weight' has the shape");
  write_file_atomically(parameters(), file);
  rewrite("target.embedding", [](SafetensorsArray& array) {
    static const std::vector<std::uint16_t> bad(10000, 0x7f80);  // infinity
    array.bytes = {reinterpret_cast<const char*>(bad.data()), array.bytes.size()};
  });
  expect_error("'target.embedding' holds inf");
}

TEST_F(QuantizedBundle, BlocksBeginAtMultiplesOf64) {
  const SafetensorsReader file(parameters());
  const char* data = file.file()->bytes().data();
  for (const auto& [name, array] : file.arrays()) {
    if (array.type == "I8" && array.bytes.size() % 64 == 0) {
      EXPECT_EQ((array.bytes.data() - data) % 64, 0) << name;
    }
  }
}

// Else they are copied where a model is loaded.
TEST_F(QuantizedBundle, NumbersOfFourBytesBeginAtMultiplesOf4) {
  Config config;
  config.data.source = config.data.target = numbered_side(11).options();
  config.model.embedding = 9;
  config.model.encoder_hidden = config.model.decoder_hidden = 7;
  const TextSide side = numbered_side(11);
  const Seq2Seq model(config.model, SourceTables(11), 11, 3);
  for (const Precision stored : {Precision::kBfloat16, Precision::kInt8}) {
    write_bundle(small(), config, side, side, model, stored);
    const SafetensorsReader file(parameters());
    const char* data = file.file()->bytes().data();
    bool odd = false;
    for (const auto& [name, array] : file.arrays()) {
      odd |= array.bytes.size() % 4 != 0;
      const bool of_four = array.type == "F32" || array.type == "I32";
      EXPECT_TRUE(!of_four || (array.bytes.data() - data) % 4 == 0) << name;
    }
    EXPECT_TRUE(odd) << "no array could have moved others";
  }
}

TEST_F(QuantizedBundle, UnknownNumbersAreRefused) {
  const SafetensorsReader file(parameters());
  std::vector<SafetensorsArray> arrays;
  for (const auto& [key, array] : file.arrays()) arrays.push_back({key, array.type, array.shape, array.bytes});
  write_file_atomically(parameters(), to_safetensors(arrays, {{"precision", "int4"}}));
  expect_error("int4");
}

}  // namespace
}  // namespace heed

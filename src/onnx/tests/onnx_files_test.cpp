#include "heed/onnx/onnx_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "exchange.h"
#include "heed/base/error.h"
#include "heed/model/bridge.h"
#include "heed/model/combination.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

ModelOptions small_options(const std::string& attention = "luong-general") {
  ModelOptions options;
  options.embedding = options.encoder_hidden = options.decoder_hidden = 6;
  options.attention.kind = attention;
  options.attention.heads = 2;
  options.attention.filters = options.attention.filter_width = options.attention.window = 3;
  options.attention.positions = 4;
  options.tied = "none";
  settle_output(options);
  return options;
}

class OnnxFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fs::path("heed-onnx-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const ModelOptions& options) const {
    const TextSide side = TextSide::of_vocabulary(Vocabulary::from_counts({{"a", 2}, {"b", 1}}, 0));
    Config config;
    config.model = options;
    const auto model = std::make_shared<Seq2Seq>(options, SourceTables(options, side), side.vocabulary_size(), 1);
    write_onnx(folder_, {config, side, side, model});
  }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

TEST_F(OnnxFiles, EveryLineOfEveryTableCanBeExported) {
  for (const AttentionKind& kind : attention_kinds()) EXPECT_NO_THROW(write(small_options(kind.name))) << kind.name;
  for (const NormalizerKind& kind : normalizer_kinds()) {
    ModelOptions options = small_options();
    options.attention.normalizer = kind.name;
    EXPECT_NO_THROW(write(options)) << kind.name;
  }
  for (const std::string& cell : cell_names()) {
    ModelOptions options = small_options();
    options.encoder_cell = options.decoder_cell = cell;
    EXPECT_NO_THROW(write(options)) << cell;
  }
  for (const std::string& bridge : bridge_names()) {
    ModelOptions options = small_options();
    options.bridge = bridge;
    EXPECT_NO_THROW(write(options)) << bridge;
  }
  for (const std::string& gate : context_gates()) {
    ModelOptions options = small_options();
    options.context_gate = gate;
    EXPECT_NO_THROW(write(options)) << gate;
  }
  for (const OutputKind& kind : output_kinds()) {
    ModelOptions options = small_options(kind.sums_positions ? kind.name : "luong-general");
    options.output = kind.name;
    settle_output(options);
    EXPECT_NO_THROW(write(options)) << kind.name;
  }
}

TEST_F(OnnxFiles, TheLoopIsToldTheTypesOfWhatItHandsOn) {
  ModelOptions options = small_options();
  options.encoder_layers = 2;
  options.encoder_pyramid = 1;
  write(options);
  const auto loop = nlohmann::json::parse(std::ifstream(folder() / kOnnxLoop));
  std::map<std::string, std::string> types;
  for (const char* values : {"memory", "states"}) {
    for (const auto& each : loop.at(values)) types[each.at("name")] = each.at("type");
  }
  EXPECT_EQ(types.at("memory.inside"), "bool");
  EXPECT_EQ(types.at("memory.state_of_token"), "int64");
  EXPECT_EQ(types.at("memory.share_of_token"), "float32");
}

TEST_F(OnnxFiles, OnlyAStateThatWasBegunIsCarried) {
  const ModelOptions options = small_options();
  const TextSide side = TextSide::of_vocabulary(Vocabulary::from_counts({{"a", 2}}, 0));
  const Seq2Seq model(options, SourceTables(options, side), side.vocabulary_size(), 1);
  onnx::Exchange exchange(model);
  EXPECT_THROW(exchange.carry("covered", exchange.step.number(0)), Error);
}

TEST_F(OnnxFiles, AFolderHasAllOfThem) {
  EXPECT_FALSE(has_onnx_files(folder()));
  write(small_options());
  EXPECT_TRUE(has_onnx_files(folder()));
  for (const auto& entry : fs::directory_iterator(folder())) {
    EXPECT_TRUE(is_onnx_file(entry.path().filename().string())) << entry.path();
  }
  EXPECT_FALSE(is_onnx_file("notes"));
}

TEST_F(OnnxFiles, AMechanismOfOnesOwnIsRefusedByItsName) {
  AttentionKind own = find_attention("luong-general");
  own.name = "of-my-own";
  add_attention_kind(own);
  ModelOptions options = small_options("of-my-own");
  try {
    write(options);
    FAIL() << "it was exported";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    EXPECT_THAT(error.what(), HasSubstr("the attention 'of-my-own' cannot be exported to ONNX"));
  }
  EXPECT_FALSE(has_onnx_files(folder()));
}

}  // namespace
}  // namespace heed

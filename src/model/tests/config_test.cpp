#include "heed/model/config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

std::string error_of(const std::vector<std::string>& assignments) {
  try {
    Config config;
    Settings settings = config.settings();
    for (const std::string& assignment : assignments) settings.set(assignment);
    config.check();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

TEST(Config, DefaultsAreThoseOfTheContract) {
  const Config config;
  EXPECT_EQ(config.model.embedding, 256);
  EXPECT_EQ(config.model.encoder_hidden, 512);
  EXPECT_EQ(config.model.decoder_hidden, 512);
  EXPECT_TRUE(config.model.bidirectional);
  EXPECT_TRUE(config.model.input_feeding);
  EXPECT_EQ(config.model.attention, "bahdanau");
  EXPECT_EQ(config.training.optimizer, "adam");
  EXPECT_EQ(config.training.batch_sentences, 64);
  EXPECT_EQ(config.training.clip_norm, 1.0);
  EXPECT_EQ(config.training.seed, 1);
  EXPECT_EQ(config.format_version, Config::kFormatVersion);
}

TEST(Config, WhatItWritesItReads) {
  Config config;
  config.data.train.source = "a b: c";
  config.model.attention = "luong-dot";
  config.model.dropout = 0.123456789;
  config.training.learning_rate = 3e-4;
  config.training.seed = 77;
  const std::string yaml = config.to_yaml();
  Config again;
  again.settings().load(yaml, "again");
  EXPECT_EQ(again.to_yaml(), yaml);
  EXPECT_EQ(again.data.train.source, "a b: c");
  EXPECT_EQ(again.model.dropout, 0.123456789);
  EXPECT_EQ(again.training.learning_rate, 3e-4);
}

TEST(Config, EveryKeyIsSetByItsOwnName) {
  Config config;
  Settings settings = config.settings();
  const std::vector<std::string> keys = settings.keys();
  EXPECT_GT(keys.size(), 40U);
  for (const std::string key :
       {"model.attention.kind", "model.encoder.bidirectional", "training.threads", "data.validation.tsv", "output"}) {
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key;
  }
}

TEST(Config, UnknownKeysComeWithTheNearest) {
  expect_parts(error_of({"model.embeding=3"}), {"model.embeding", "model.embedding"});
  expect_parts(error_of({"model.attention.kind=lunog-general"}), {"lunog-general", "luong-general"});
  expect_parts(error_of({"training.optimizer=adma"}), {"adma", "adam"});
}

TEST(Config, WrongTypesAndRangesAreRefused) {
  expect_parts(error_of({"model.dropout=1"}), {"model.dropout", "0.95"});
  expect_parts(error_of({"model.decoder.layers=0"}), {"model.decoder.layers"});
  expect_parts(error_of({"model.decoder.layers=two"}), {"model.decoder.layers", "two"});
  expect_parts(error_of({"training.threads=0"}), {"training.threads"});
  expect_parts(error_of({"format_version=2"}), {"format_version"});
}

TEST(Config, TheBestBundleIsChosenByAnyMeasure) {
  for (const char* name : {"bleu", "perplexity", "accuracy"})
    EXPECT_EQ(error_of({"training.best_by=" + std::string(name)}), "");
  expect_parts(error_of({"training.best_by=acuracy"}), {"acuracy", "accuracy"});
}

TEST(Config, ABidirectionalEncoderNeedsAnEvenWidth) {
  expect_parts(error_of({"model.encoder.hidden=7"}), {"model.encoder.hidden", "7", "even"});
  EXPECT_EQ(error_of({"model.encoder.hidden=7", "model.encoder.bidirectional=false"}), "");
}

TEST(Config, DecayAfterMinutesNeedsAnEnd) {
  expect_parts(error_of({"training.decay_after_minutes=5"}), {"training.decay_after_minutes", "training.max_minutes"});
  expect_parts(error_of({"training.decay_after_minutes=5", "training.max_minutes=5"}), {"longer"});
  EXPECT_EQ(error_of({"training.decay_after_minutes=5", "training.max_minutes=6"}), "");
}

TEST(Config, LuongDotNeedsEqualWidths) {
  ModelOptions options;
  options.attention = "luong-dot";
  options.encoder_hidden = 6;
  options.decoder_hidden = 8;
  try {
    const Seq2Seq model(options, 5, 5, 1);
    FAIL();
  } catch (const UsageError& error) {
    expect_parts(error.what(),
                 {"luong-dot", "model.decoder.hidden", "8", "model.encoder.hidden", "6", "luong-general"});
  }
  options.decoder_hidden = 6;
  EXPECT_GT(Seq2Seq(options, 5, 5, 1).parameter_count(), 0);
}

}  // namespace
}  // namespace heed

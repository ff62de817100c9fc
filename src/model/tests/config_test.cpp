#include "heed/model/config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/model/context_entry.h"
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
  EXPECT_EQ(config.model.attention.kind, "bahdanau");
  EXPECT_EQ(config.training.optimizer, "adam");
  EXPECT_EQ(config.training.batch_sentences, 64);
  EXPECT_EQ(config.training.clip_norm, 1.0);
  EXPECT_EQ(config.training.seed, 1);
  EXPECT_EQ(config.format_version, Config::kFormatVersion);
}

TEST(Config, WhatItWritesItReads) {
  Config config;
  config.data.train.source = "a b: c";
  config.model.attention.kind = "luong-dot";
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

TEST(Config, CellsEncodersAndBridgesThatMakeNoSense) {
  expect_parts(error_of({"model.encoder.cell=lstn"}), {"model.encoder.cell", "lstn", "lstm"});
  expect_parts(error_of({"model.decoder.bridge=mean-than"}), {"mean-than", "mean-tanh"});
  expect_parts(error_of({"model.decoder.bridge=last", "model.encoder.hidden=256"}),
               {"model.decoder.bridge", "model.encoder.hidden", "256", "model.decoder.hidden", "512", "dense"});
  EXPECT_EQ(error_of({"model.decoder.bridge=last"}), "");
  expect_parts(error_of({"model.encoder.pyramid=1"}), {"model.encoder.pyramid", "1 layer", "model.encoder.layers"});
  expect_parts(error_of({"model.encoder.pyramid=3", "model.encoder.layers=3"}), {"at most 2"});
  EXPECT_EQ(error_of({"model.encoder.pyramid=2", "model.encoder.layers=3"}), "");
  expect_parts(error_of({"model.encoder.pyramid=1", "model.encoder.layers=2", "model.attention.source=all"}),
               {"model.attention.source", "model.encoder.pyramid", "top"});
}

// As bundles had it before there were other cells, encoders and bridges.
TEST(Config, WhatAnOlderBundleDoesNotNameIsAsItWas) {
  Config config;
  config.settings().load(
      "model:\n  encoder: {cell: lstm, layers: 2, hidden: 6, bidirectional: true}\n"
      "  decoder: {cell: lstm, layers: 1, hidden: 7, input_feeding: true}\n",
      "older");
  EXPECT_EQ(config.model.bridge, "dense");
  EXPECT_EQ(config.model.encoder_pyramid, 0);
  EXPECT_FALSE(config.model.encoder_residual || config.model.decoder_residual);
  std::vector<std::string> names;
  const Seq2Seq model(config.model, 5, 5);
  for (const Parameter* parameter : model.parameters().all()) names.push_back(parameter->name);
  for (const char* name : {"encoder.1.backward.input", "encoder.0.forward.recurrent", "bridge.0.hidden.weight",
                           "bridge.0.cell.bias", "decoder.0.input", "decoder.0.recurrent", "decoder.0.bias"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST(Config, DecayAfterMinutesNeedsAnEnd) {
  expect_parts(error_of({"training.decay_after_minutes=5"}), {"training.decay_after_minutes", "training.max_minutes"});
  expect_parts(error_of({"training.decay_after_minutes=5", "training.max_minutes=5"}), {"longer"});
  EXPECT_EQ(error_of({"training.decay_after_minutes=5", "training.max_minutes=6"}), "");
}

TEST(Config, AttentionThatMakesNoSenseIsRefused) {
  const std::string kind = "model.attention.kind=";
  const std::string entry = "model.attention.entry=";
  expect_parts(error_of({kind + "none", entry + "cell-input"}), {"model.attention.entry", "kind: none"});
  expect_parts(error_of({entry + "input-feeding", "model.decoder.input_feeding=false"}), {"input_feeding is false"});
  expect_parts(error_of({"model.attention.layers=each"}), {"model.attention.layers", "input-feeding"});
  expect_parts(error_of({entry + "first-layer"}), {"first-layer", "model.decoder.layers of 2"});
  expect_parts(error_of({entry + "cell-inptu"}), {"did you mean 'cell-input'"});
  expect_parts(error_of({kind + "bahdanau+luong-genral"}), {"did you mean 'luong-general'"});
  expect_parts(error_of({kind + "multi-head", "model.attention.heads=7"}), {"heads is 7", "512"});
  EXPECT_EQ(error_of({kind + "luong-general", "model.attention.layers=each", "model.decoder.layers=3"}), "");
  EXPECT_EQ(error_of({entry + "all-layers", "model.decoder.layers=2"}), "");
  EXPECT_EQ(error_of({kind + "'bahdanau + luong-dot'", "model.attention.hops=2"}), "");
}

TEST(Config, CopyingNeedsAttentionAndTokensOfOneKind) {
  EXPECT_EQ(error_of({"model.copy=pointer-generator"}), "");
  expect_parts(error_of({"model.copy=pointer"}), {"model.copy", "pointer-generator"});
  expect_parts(error_of({"model.copy=pointer-generator", "model.attention.kind=none"}), {"model.copy", "attention"});
  expect_parts(error_of({"training.coverage_loss=1", "model.attention.kind=none"}), {"coverage_loss", "attention"});
  expect_parts(error_of({"model.copy=pointer-generator", "data.source.tokenizer=spaces"}),
               {"model.copy", "spaces", "words", "the same"});
  expect_parts(error_of({"model.copy=pointer-generator", "data.target.lowercase=true"}), {"lower case"});
  expect_parts(error_of({"model.copy=pointer-generator", "model.encoder.layers=2", "model.encoder.pyramid=1"}),
               {"model.copy", "model.encoder.pyramid"});
}

TEST(Config, HardExactStandsAlone) {
  for (const std::string name : {"hard-exact", "hard-exact-first-order"}) {
    const std::string kind = "model.attention.kind=" + name;
    EXPECT_EQ(error_of({kind}), "");
    for (const std::string& other :
         {std::string("model.attention.hops=2"), std::string("model.attention.layers=each"), kind + "+luong-general"}) {
      expect_parts(error_of({kind, other}), {name.c_str(), "alone"});
    }
    for (const std::string heads : {"multi-head", "luong-general+multi-head"}) {
      expect_parts(error_of({"model.attention.kind=" + heads, "model.attention.score=" + name}), {"alone"});
    }
    expect_parts(error_of({kind, "model.copy=pointer-generator"}), {"model.copy", name.c_str()});
    expect_parts(error_of({kind, "training.label_smoothing=0.1"}), {"training.label_smoothing", name.c_str()});
  }
}

TEST(Config, SettingsWithoutEffectAreRefused) {
  const std::string none = "model.attention.kind=none";
  expect_parts(error_of({none, "model.decoder.bridge=zero"}), {"bridge 'zero'", "nothing of the source"});
  expect_parts(error_of({"training.tensorboard=yes"}), {"training.tensorboard", "'yes' is not right"});
  expect_parts(error_of({none, "model.attention.normalizer=sparsemax"}), {"model.attention.normalizer", "none"});
  expect_parts(error_of({none, "model.attention.temperature=2"}), {"model.attention.temperature", "none"});
  expect_parts(error_of({none, "model.attention.hops=2"}), {"model.attention.hops", "none"});
  expect_parts(error_of({none, "model.attention.source=all"}), {"model.attention.source", "none"});
  expect_parts(error_of({none, "model.attention.layers=each"}), {"model.attention.layers", "none"});
  expect_parts(error_of({"model.attention.combine=gate"}), {"model.attention.combine", "single"});
  expect_parts(error_of({"model.attention.score=luong-dot"}), {"model.attention.score", "multi-head"});
  expect_parts(error_of({"model.attention.hard=true"}), {"model.attention.hard", "monotonic"});
  expect_parts(error_of({"model.attention.kind=multi-head", "model.attention.score=lunog-dot"}), {"luong-dot"});
  EXPECT_EQ(error_of({"model.attention.kind=monotonic-soft", "model.attention.hard=true"}), "");
  EXPECT_EQ(error_of({"model.attention.kind=luong-dot+bahdanau", "model.attention.combine=gate",
                      "model.encoder.hidden=512", "model.decoder.hidden=512"}),
            "");
}

TEST(Config, LayersOfAttentionHaveNames) {
  ModelOptions options;
  EXPECT_EQ(attention_layer_names(options), std::vector<std::string>{"bahdanau"});
  options.attention.kind = "luong-general + multi-head";
  options.attention.hops = 2;
  options.attention_layers = "each";
  options.decoder_layers = 2;
  const std::vector<std::string> names = attention_layer_names(options);
  ASSERT_EQ(names.size(), 8U);
  EXPECT_EQ(names[0], "layer 1, hop 1, luong-general");
  EXPECT_EQ(names[7], "layer 2, hop 2, multi-head");
  options.attention.kind = "none";
  EXPECT_TRUE(attention_layer_names(options).empty());
}

TEST(Config, LuongDotNeedsEqualWidths) {
  ModelOptions options;
  options.attention.kind = "luong-dot";
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

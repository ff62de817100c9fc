#include "heed/model/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "config_faults.h"
#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/context_entry.h"
#include "heed/model/read_config.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

// What docs/training.md found good for four tasks of which nothing but the data is said.
TEST(Config, Defaults) {
  const Config config;
  EXPECT_EQ(config.model.embedding, 256);
  EXPECT_EQ(config.model.encoder_hidden, 256);
  EXPECT_EQ(config.model.decoder_hidden, 256);
  EXPECT_EQ(config.model.dropout.output, 0.3);
  EXPECT_EQ(config.training.learning_rate, 0.002);
  EXPECT_EQ(config.training.average_decay, 0.999);
  EXPECT_EQ(config.training.label_smoothing, std::nullopt);
  EXPECT_EQ(config.model.bidirectional, "true");
  EXPECT_EQ(config.model.input_feeding, std::nullopt);
  EXPECT_EQ(config.model.attention.kind, "auto");
  EXPECT_EQ(config.model.tied, "auto");
  EXPECT_EQ(config.training.optimizer.kind, "adam");
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
  EXPECT_EQ(again.model.dropout.output, 0.123456789);
  EXPECT_EQ(again.training.learning_rate, 3e-4);
}

TEST(Config, WhatItSaysOfItselfIsText) {
  Config config;
  config.about = {.licence = "CC BY 4.0: see #7", .source = "2016", .citation = "- \"a\"\n\t\\ é\n", .text = "null"};
  Config again;
  again.settings().load(config.to_yaml(), "again");
  EXPECT_EQ(again.about.licence, config.about.licence);
  EXPECT_EQ(again.about.source, config.about.source);
  EXPECT_EQ(again.about.citation, config.about.citation);
  EXPECT_EQ(again.about.text, config.about.text);
  EXPECT_EQ(again.to_yaml(), config.to_yaml());
  expect_parts(fault_of({"about.licence=[a, b]"}), {"about.licence", "one value"});
  expect_parts(fault_of({"about.licence={a: b}"}), {"about.licence", "one value"});
  expect_parts(fault_of({"about.text=\"\\e[31m\""}), {"about.text", "control character"});
  expect_parts(fault_of({"about.text=\"\\x9b31m\""}), {"about.text", "control character"});
  expect_parts(fault_of({"about.text=" + std::string(10001, 'x')}), {"about.text", "10001", "10000"});
  EXPECT_EQ(fault_of({"about.text=" + std::string(10000, 'x')}), "");
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
  expect_parts(fault_of({"model.embeding=3"}), {"model.embeding", "model.embedding"});
  expect_parts(fault_of({"model.attention.kind=lunog-general"}), {"lunog-general", "luong-general"});
  expect_parts(fault_of({"training.optimizer=adma"}), {"adma", "adam"});
}

TEST(Config, WrongTypesAndRangesAreRefused) {
  expect_parts(fault_of({"model.dropout=1"}), {"model.dropout", "0.95"});
  expect_parts(fault_of({"model.decoder.layers=0"}), {"model.decoder.layers"});
  expect_parts(fault_of({"model.decoder.layers=two"}), {"model.decoder.layers", "two"});
  expect_parts(fault_of({"training.threads=0"}), {"training.threads"});
  expect_parts(fault_of({"format_version=3"}), {"format_version"});
}

TEST(Config, TheBestBundleIsChosenByAnyMeasure) {
  for (const char* name : {"auto", "bleu", "perplexity", "accuracy", "chrf", "ter", "rouge", "wer", "per", "cer"})
    EXPECT_EQ(fault_of({"training.best_by=" + std::string(name)}), "");
  expect_parts(fault_of({"training.best_by=acuracy"}), {"acuracy", "accuracy"});
  EXPECT_NE(fault_of({"training.best_by=aer"}), "") << "of alignments, which validation does not make";
}

TEST(Config, ValidationComputesWhatIsAskedForOnce) {
  const auto metrics = [](const std::vector<std::string>& asked, const std::string& best_by,
                          const std::string& watched) {
    TrainingOptions options;
    options.metrics = asked;
    options.best_by = best_by;
    options.schedule.metric = watched;
    return validation_metrics(options);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(metrics({"auto"}, "auto", "perplexity"), (Names{"bleu", "accuracy"}));
  EXPECT_EQ(metrics({"auto"}, "chrf", "bleu"), (Names{"bleu", "accuracy", "chrf"}));
  EXPECT_EQ(metrics({"ter", "perplexity", "bleu"}, "per", "cer"), (Names{"ter", "bleu", "per", "cer"}));
  EXPECT_EQ(metrics({"perplexity"}, "perplexity", "perplexity"), Names{});
  expect_parts(fault_of({"training.metrics=[bleu, chrg]"}), {"training.metrics", "chrg", "chrf"});
  expect_parts(fault_of({"training.metrics=[auto, chrf]"}), {"training.metrics", "auto alone"});
  expect_parts(fault_of({"training.metrics=[chrf, bleu, chrf]"}), {"training.metrics", "'chrf' twice"});
  expect_parts(fault_of({"training.metrics=[]"}), {"training.metrics", "names none"});
}

TEST(Config, ABidirectionalEncoderNeedsAnEvenWidth) {
  expect_parts(fault_of({"model.encoder.hidden=7"}), {"model.encoder.hidden", "7", "even"});
  EXPECT_EQ(fault_of({"model.encoder.hidden=7", "model.encoder.bidirectional=false"}), "");
}

TEST(Config, CellsEncodersAndBridgesThatMakeNoSense) {
  expect_parts(fault_of({"model.encoder.cell=lstn"}), {"model.encoder.cell", "lstn", "lstm"});
  expect_parts(fault_of({"model.decoder.bridge=mean-than"}), {"mean-than", "mean-tanh"});
  expect_parts(fault_of({"model.decoder.bridge=last", "model.encoder.hidden=128"}),
               {"model.decoder.bridge", "model.encoder.hidden", "128", "model.decoder.hidden", "256", "dense"});
  EXPECT_EQ(fault_of({"model.decoder.bridge=last"}), "");
  expect_parts(fault_of({"model.encoder.pyramid=1"}), {"model.encoder.pyramid", "1 layer", "model.encoder.layers"});
  expect_parts(fault_of({"model.encoder.pyramid=3", "model.encoder.layers=3"}), {"at most 2"});
  EXPECT_EQ(fault_of({"model.encoder.pyramid=2", "model.encoder.layers=3"}), "");
  expect_parts(fault_of({"model.encoder.pyramid=1", "model.encoder.layers=2", "model.attention.source=all"}),
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
  const Seq2Seq model(config.model, SourceTables(5), 5);
  for (const Parameter* parameter : model.parameters().all()) names.push_back(parameter->name);
  for (const char* name : {"encoder.1.backward.input", "encoder.0.forward.recurrent", "bridge.0.hidden.weight",
                           "bridge.0.cell.bias", "decoder.0.input", "decoder.0.recurrent", "decoder.0.bias"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST(Config, DecayAfterMinutesNeedsAnEnd) {
  expect_parts(fault_of({"training.decay_after_minutes=5"}), {"training.decay_after_minutes", "training.max_minutes"});
  expect_parts(fault_of({"training.decay_after_minutes=5", "training.max_minutes=5"}), {"longer"});
  EXPECT_EQ(fault_of({"training.decay_after_minutes=5", "training.max_minutes=6"}), "");
}

TEST(Config, AttentionThatMakesNoSenseIsRefused) {
  const std::string kind = "model.attention.kind=";
  const std::string entry = "model.attention.entry=";
  expect_parts(fault_of({kind + "none", entry + "cell-input"}), {"model.attention.entry", "kind: none"});
  expect_parts(fault_of({entry + "input-feeding", "model.decoder.input_feeding=false"}), {"input_feeding is false"});
  expect_parts(fault_of({kind + "bahdanau", "model.attention.layers=each"}),
               {"model.attention.layers", "input-feeding"});
  expect_parts(fault_of({entry + "first-layer"}), {"first-layer", "model.decoder.layers of 2"});
  expect_parts(fault_of({entry + "cell-inptu"}), {"did you mean 'cell-input'"});
  expect_parts(fault_of({kind + "bahdanau+luong-genral"}), {"did you mean 'luong-general'"});
  expect_parts(fault_of({kind + "multi-head", "model.attention.heads=7"}), {"heads is 7", "256"});
  EXPECT_EQ(fault_of({kind + "luong-general", "model.attention.layers=each", "model.decoder.layers=3"}), "");
  EXPECT_EQ(fault_of({entry + "all-layers", "model.decoder.layers=2"}), "");
  EXPECT_EQ(fault_of({kind + "'bahdanau + luong-dot'", "model.attention.hops=2"}), "");
}

TEST(Config, CopyingNeedsAttentionAndTokensOfOneKind) {
  EXPECT_EQ(fault_of({"model.copy=pointer-generator"}), "");
  expect_parts(fault_of({"model.copy=pointer"}), {"model.copy", "pointer-generator"});
  expect_parts(fault_of({"model.copy=pointer-generator", "model.attention.kind=none"}), {"model.copy", "attention"});
  expect_parts(fault_of({"training.coverage_loss=1", "model.attention.kind=none"}), {"coverage_loss", "attention"});
  EXPECT_EQ(fault_of({"model.copy=pointer-generator", "data.source.tokenizer=spaces"}), "");
  expect_parts(
      fault_of({"model.copy=pointer-generator", "data.source.tokenizer=spaces", "data.target.tokenizer=words"}),
      {"model.copy", "spaces", "words", "the same"});
  expect_parts(fault_of({"model.copy=pointer-generator", "data.target.lowercase=true"}), {"lower case"});
  expect_parts(fault_of({"model.copy=pointer-generator", "model.encoder.layers=2", "model.encoder.pyramid=1"}),
               {"model.copy", "model.encoder.pyramid"});
}

TEST(Config, HardExactStandsAlone) {
  for (const std::string name : {"hard-exact", "hard-exact-first-order"}) {
    const std::string kind = "model.attention.kind=" + name;
    EXPECT_EQ(fault_of({kind}), "");
    for (const std::string& other :
         {std::string("model.attention.hops=2"), std::string("model.attention.layers=each"), kind + "+luong-general"}) {
      expect_parts(fault_of({kind, other}), {name.c_str(), "alone"});
    }
    for (const std::string heads : {"multi-head", "luong-general+multi-head"}) {
      expect_parts(fault_of({"model.attention.kind=" + heads, "model.attention.score=" + name}), {"alone"});
    }
    expect_parts(fault_of({kind, "model.copy=pointer-generator"}), {"model.copy", name.c_str()});
    expect_parts(fault_of({kind, "training.label_smoothing=0.1"}), {"training.label_smoothing", name.c_str()});
  }
}

TEST(Config, OneKeyAsksForAnOutput) {
  const std::string output = "model.output=";
  const std::string copy = "model.copy=pointer-generator";
  EXPECT_EQ(fault_of({output + "softmax"}), "");
  EXPECT_EQ(fault_of({output + "pointer-generator"}), "");
  EXPECT_EQ(fault_of({output + "pointer-generator", copy}), "");
  EXPECT_EQ(fault_of({output + "hard-exact", "model.attention.kind=hard-exact"}), "");
  expect_parts(fault_of({output + "softmax", copy}), {"softmax", "pointer-generator", "model.output", "model.copy"});
  expect_parts(fault_of({output + "softmax", "model.attention.kind=hard-exact"}), {"softmax", "hard-exact"});
  expect_parts(fault_of({output + "hard-exact"}), {"model.output", "hard-exact", "model.attention.kind"});
  expect_parts(fault_of({output + "pointer-generator", "model.attention.kind=none"}), {"attention"});
  expect_parts(fault_of({output + "softmx"}), {"softmx", "softmax"});
}

TEST(Config, TheAttentionalVectorIsFedWhereNoContextEntersACell) {
  const auto feeds = [](const std::string& entry, std::optional<bool> said, const std::string& kind) {
    ModelOptions options;
    options.attention_entry = entry;
    options.input_feeding = said;
    options.attention.kind = kind;
    return feeds_attentional(options);
  };
  for (const char* entry : {"cell-input", "conditional", "first-layer", "all-layers", "output-only"}) {
    EXPECT_FALSE(feeds(entry, std::nullopt, "luong-general")) << entry;
    EXPECT_FALSE(feeds(entry, false, "luong-general")) << entry;
    EXPECT_EQ(feeds(entry, true, "luong-general"), std::string(entry) != "output-only") << entry;
  }
  EXPECT_TRUE(feeds("auto", std::nullopt, "luong-general"));
  EXPECT_TRUE(feeds("auto", std::nullopt, "none"));
  EXPECT_FALSE(feeds("auto", false, "luong-general"));
  EXPECT_FALSE(feeds("auto", std::nullopt, "bahdanau"));
  EXPECT_TRUE(feeds("input-feeding", std::nullopt, "bahdanau"));
  EXPECT_TRUE(feeds("auto", true, "bahdanau"));
  // What was written before it could be left to the program was so everywhere.
  const std::string path = testing::TempDir() + "/older.yaml";
  write_file_atomically(path, "format_version: 2\nmodel: {attention: {kind: bahdanau}}\n");
  EXPECT_TRUE(feeds_attentional(Config::load(path, {}).model));
}

// Only a config that somebody wrote says that it was meant.
TEST(Config, ADefaultThatIsOverruledIsNoMistakeUnlessItIsGiven) {
  const auto fault = [](const std::vector<std::string>& settings) {
    const std::string path = testing::TempDir() + "/overruled.yaml";
    write_file_atomically(path, "output: somewhere\n");
    return error_of<UsageError>([&] { (void)Config::load(path, settings); });
  };
  const std::string only = "model.attention.entry=output-only";
  EXPECT_EQ(fault({only}), "");
  EXPECT_EQ(fault({only, "model.decoder.input_feeding=false"}), "");
  expect_parts(fault({only, "model.decoder.input_feeding=true"}), {"model.decoder.input_feeding", "output-only"});
  EXPECT_EQ(fault({"format_version=1", only, "model.decoder.input_feeding=true"}), "");
  EXPECT_EQ(fault({"data.held_out=0.02"}), "");
  expect_parts(fault({"data.held_out=0.02", "data.validation.tsv=a.tsv"}), {"data.held_out", "data.validation"});
  expect_parts(fault({"data.train={tsv: a.tsv, weight: 2}"}), {"data.train.weight", "list of several"});
  EXPECT_EQ(fault({"data.train=[{tsv: a.tsv, weight: 2}, {tsv: b.tsv, weight: 1}]"}), "");
  expect_parts(fault({"data.train=[{tsv: a.tsv}, {source: a, target: b, columns: [2, 1]}]"}), {"data.train.columns"});
  EXPECT_EQ(fault({"training.batch_tokens=500"}), "");
  EXPECT_EQ(fault({"training.batch_sentences=64"}), "");
  expect_parts(fault({"training.batch_tokens=500", "training.batch_sentences=64"}),
               {"batch_sentences", "batch_tokens"});
  const std::vector<std::string> widths = {"model.source_embedding=8", "model.target_embedding=9"};
  EXPECT_EQ(fault(widths), "");
  expect_parts(fault(with(widths, "model.embedding=256")), {"model.embedding", "leave it out"});
  for (const std::string part : {"encoder", "decoder"}) {
    const std::string rate = "model.dropout." + part;
    EXPECT_EQ(fault({"model.dropout=0.1"}), "");
    EXPECT_EQ(fault({rate + "=0"}), "");
    expect_parts(fault({rate + "=0.1"}), {rate, "model." + part + ".layers"});
    EXPECT_EQ(fault({rate + "=0.1", "model." + part + ".layers=2"}), "");
    EXPECT_EQ(fault({"format_version=2", rate + "=0.1"}), "");
  }
}

// Format 1 had no key for it, and divided nothing.
TEST(Config, AnEarlierFormatMeansWhatItMeantThen) {
  const std::string path = testing::TempDir() + "/earlier.yaml";
  write_file_atomically(path, "model: {attention: {kind: luong-general}}\n");
  const auto scale = [&](const std::vector<std::string>& settings) {
    const Config config = Config::load(path, settings);
    EXPECT_EQ(config.format_version, Config::kFormatVersion);
    return config.model.attention.scale;
  };
  EXPECT_EQ(scale({}), "width");
  EXPECT_EQ(scale({"format_version=1"}), "none");
  EXPECT_EQ(scale({"format_version=1", "model.attention.scale=width"}), "width");
  EXPECT_EQ(scale({"format_version=1", "model.attention.kind=bahdanau+luong-local-m"}), "none");
  EXPECT_EQ(scale({"format_version=1", "model.attention.kind=bahdanau"}), "width");  // where it has no effect
}

// Bundles of before were made with keys that nothing read.
TEST(Config, ABundleMayHaveKeysWithoutEffect) {
  Config config;
  config.model.attention.heads = 8;
  EXPECT_NO_THROW(config.check());
  EXPECT_THROW(config.check_effect(), UsageError);
}

TEST(Config, LayersOfAttentionHaveNames) {
  ModelOptions options;
  EXPECT_EQ(attention_layer_names(options), std::vector<std::string>{"luong-general"});
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
  expect_parts(error_of<UsageError>([&] { const Seq2Seq model(options, SourceTables(5), 5, 1); }),
               {"luong-dot", "model.decoder.hidden", "8", "model.encoder.hidden", "6", "luong-general"});
  options.decoder_hidden = 6;
  EXPECT_GT(Seq2Seq(options, SourceTables(5), 5, 1).parameter_count(), 0);
}

// A program may set what no file could.
TEST(Config, ValuesThatTheTableWouldNotReadAreRefused) {
  const auto fault = [](const std::function<void(Config&)>& change) {
    Config config;
    change(config);
    return error_of<UsageError>([&] { config.check(); });
  };
  EXPECT_EQ(fault([](Config&) {}), "");
  EXPECT_EQ(fault([](Config& c) { c.training.epochs = -1; }),
            "training.epochs: '-1' is not right; expected: whole number, 1 to 100000");
  expect_parts(fault([](Config& c) { c.training.optimizer.betas = {}; }), {"training.optimizer.betas: 0 values"});
  expect_parts(fault([](Config& c) { c.model.embedding = 0; }), {"model.embedding: '0'"});
  expect_parts(fault([](Config& c) { c.training.learning_rate = -1; }), {"training.learning_rate: '-1'"});
  expect_parts(fault([](Config& c) { c.training.average_decay = std::nan(""); }), {"training.average_decay: 'nan'"});
  expect_parts(fault([](Config& c) { c.training.clip_norm = INFINITY; }), {"training.clip_norm: 'inf'"});
  expect_parts(fault([](Config& c) { c.training.schedule.kind = "x"; }), {"training.schedule.kind: unknown 'x'"});
  expect_parts(fault([](Config& c) { c.model.tied = "x"; }), {"model.tied: unknown 'x'"});
  expect_parts(fault([](Config& c) { c.model.attention.kind = "x"; }), {"model.attention.kind: unknown"});
  Config odd;
  odd.data.train.source = "a\tb \"c\"\n";
  odd.data.more_train.resize(2);
  EXPECT_NO_THROW(odd.check()) << "what can be written and read again is right";
}

TEST(Config, ConstantsThatAreNoneInFloat32AndSpikesOfUsualGradients) {
  const std::string none = "training.optimizer.epsilon: 1e-300 is 0 in float32";
  expect_parts(fault_of({"training.optimizer.epsilon=1e-300"}), {none});
  EXPECT_EQ(fault_of({"training.optimizer.epsilon=1e-30"}), "");
  expect_parts(fault_of({"training.spike_factor=0.5"}), {"training.spike_factor: 0.5 makes spikes of usual gradients"});
  EXPECT_EQ(fault_of({"training.spike_factor=1"}), "");
}

TEST(Config, OldNamesAreTold) {
  const std::string file = testing::TempDir() + "/heed-old-names.yaml";
  write_file_atomically(file, "data: {train: {tsv: a}}\ntraining: {decay: 0.4, schedule: {patience: 3}}\n");
  std::vector<std::string> said;
  const auto log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) said.emplace_back(text);
  };
  const Config config = read_config(file, {"training.minimum_rate=1e-5"}, {.output = "there", .log = log});
  EXPECT_EQ(config.output, "there");
  EXPECT_EQ(config.training.schedule.decay, 0.4);
  EXPECT_EQ(said,
            (std::vector<std::string>{
                "training.decay is now training.schedule.decay; the old name goes with the next version",
                "training.minimum_rate is now training.schedule.minimum; the old name goes with the next version"}));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace heed

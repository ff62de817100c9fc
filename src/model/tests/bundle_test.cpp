#include "heed/model/bundle.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <vector>

#include "compositions.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/safetensors.h"
#include "sanitized.h"
#include "small_text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using Arrays = std::vector<std::pair<std::string, Tensor>>;

Config small_config(const std::string& attention, const std::string& tokenizer) {
  Config config;
  config.data.source.tokenizer = config.data.target.tokenizer = tokenizer;
  if (tokenizer == "sentencepiece") config.data.source.vocabulary = config.data.target.vocabulary = 24;
  config.data.train.source = "/nowhere/train.en";  // a bundle does not need the data that it was trained on
  config.model.embedding = 6;
  config.model.encoder_hidden = 8;
  config.model.decoder_hidden = 8;
  config.model.attention.kind = attention;
  return config;
}

class BundleTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = fs::path(testing::TempDir()) / ("heed-bundle-" + std::string(test->name()) + std::to_string(getpid()));
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  Bundle make(const Config& config) const {
    Bundle out{config, TextSide::build(config.data.source, kSource), TextSide::build(config.data.target, kTarget), {}};
    const auto model = std::make_shared<Seq2Seq>(config.model, SourceTables(out.source.vocabulary_size()),
                                                 out.target.vocabulary_size(), 3);
    model->parameters().pack(Precision::kFloat32, false);
    out.model = model;
    return out;
  }
  Bundle save(const Config& config = small_config("bahdanau", "words")) const {
    Bundle out = make(config);
    write_bundle(directory_, config, out.source, out.target, *out.model);
    fs::remove(directory_ / Checksums::kFile);  // what tests change is to be noticed by what reads it
    return out;
  }
  fs::path parameters() const { return directory_ / "parameters.safetensors"; }

  /// Writes the parameters again, changed.
  void rewrite(const Bundle& bundle, const std::function<void(Arrays&)>& change) const {
    Arrays arrays;
    for (const Parameter* parameter : bundle.model->parameters().all()) {
      arrays.emplace_back(parameter->name, parameter->value.view());
    }
    change(arrays);
    write_file_atomically(parameters(), to_safetensors(arrays));
  }

  void expect_error(const std::string& part) const {
    try {
      Bundle::load(directory_);
      ADD_FAILURE() << "no error about " << part;
    } catch (const UsageError& error) {
      ADD_FAILURE() << "a damaged bundle is no wrong command line: " << error.what();
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' has no '" << part << "'";
      EXPECT_NE(message.find(directory_.string()), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }

  fs::path directory_;
};

// However a model is put together, what is written can be read, quantised too.
TEST_F(BundleTest, EveryCompositionComesBack) {
  std::vector<Composition> all = compositions();
  for (const AttentionKind& kind : attention_kinds()) {
    all.push_back({kind.name, [&kind](ModelOptions& options) { options.attention.kind = kind.name; }});
  }
  for (const Composition& composition : all) {
    Config config = small_config("bahdanau", "words");
    config.model.encoder_layers = config.model.decoder_layers = 2;
    config.model.attention.heads = 2;
    composition.apply(config.model);
    const Bundle saved = save(config);
    const Bundle loaded = Bundle::load(directory_);
    const auto before = saved.model->parameters().all();
    const auto after = loaded.model->parameters().all();
    ASSERT_EQ(after.size(), before.size()) << composition.name;
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i]->name, before[i]->name) << composition.name;
      EXPECT_EQ(std::memcmp(after[i]->value.view().data, before[i]->value.view().data,
                            static_cast<std::size_t>(before[i]->size()) * sizeof(float)),
                0)
          << composition.name << ": " << before[i]->name;
    }
    write_bundle(directory_, config, saved.source, saved.target, *saved.model, Precision::kInt8);
    EXPECT_EQ(Bundle::load(directory_).precision, Precision::kInt8) << composition.name;
  }
}

TEST_F(BundleTest, EveryFileIsComparedWithItsChecksum) {
  const Bundle saved = make(small_config("bahdanau", "words"));
  write_bundle(directory_, saved.config, saved.source, saved.target, *saved.model);
  Bundle::load(directory_);
  for (const char* name : {"config.yaml", "parameters.safetensors", "source.vocabulary", "target.vocabulary"}) {
    const std::string whole = read_file(directory_ / name);
    std::string changed = whole;
    changed.back() ^= 1;
    write_file_atomically(directory_ / name, changed);
    EXPECT_THAT([&] { Bundle::load(directory_); },
                testing::ThrowsMessage<Error>(testing::AllOf(
                    testing::HasSubstr((directory_ / name).string() + ": damaged"), testing::HasSubstr("checksums"))))
        << name;
    write_file_atomically(directory_ / name, whole);
  }
  const std::string sums = read_file(directory_ / Checksums::kFile);
  write_file_atomically(directory_ / Checksums::kFile, sums.substr(0, sums.rfind('\n', sums.size() - 2) + 1));
  expect_error("checksums: damaged: it has no checksum of target.vocabulary");
  write_file_atomically(directory_ / Checksums::kFile, "no checksum\n");
  EXPECT_THAT([&] { Bundle::load(directory_); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("checksums:1: damaged")));
}

TEST_F(BundleTest, SavedAndLoadedGivesTheSameToTheBit) {
  for (const char* attention : {"none", "bahdanau", "luong-dot", "luong-general", "luong-concat"}) {
    for (const char* tokenizer : {"words", "characters", "spaces", "sentencepiece"}) {
      Bundle saved = save(small_config(attention, tokenizer));
      const Bundle loaded = Bundle::load(directory_);
      settle_output(saved.config.model);  // read back, `auto` is what it stood for
      saved.config.model.tied = "none";
      EXPECT_EQ(loaded.config.to_yaml(), saved.config.to_yaml());
      EXPECT_EQ(loaded.source.encode(kSource[0]).ids, saved.source.encode(kSource[0]).ids);
      EXPECT_EQ(log_probabilities(loaded), log_probabilities(saved)) << attention << " " << tokenizer;
      fs::remove_all(directory_);
      fs::create_directories(directory_);
    }
  }
}

// Bundles of 0.1 know no model.tied.
TEST(BundleConfig, ThatDoesNotSayItIsWhatItWasThen) {
  const auto read = [](const std::string& yaml) {
    Config out;
    Settings settings = out.settings();
    settings.load(yaml, "config.yaml");
    out.adopt(settings);
    return out.model;
  };
  for (const char* yaml :
       {"format_version: 2\n", "format_version: 2\nmodel: {attention: {kind: auto}, tied: auto}\n"}) {
    EXPECT_EQ(read(yaml).attention.kind, "luong-general");
    EXPECT_EQ(read(yaml).tied, "none");
  }
  EXPECT_EQ(read("format_version: 2\nmodel: {tied: all}\n").tied, "all");
  EXPECT_EQ(read("training: {seed: 2}\n").attention.kind, "auto");
}

TEST_F(BundleTest, MissingFilesAreNamed) {
  save();
  for (const char* name : {"config.yaml", "parameters.safetensors", "source.vocabulary", "target.vocabulary"}) {
    fs::rename(directory_ / name, directory_ / "away");
    expect_error(std::string(name) + "' is missing: a bundle holds");
    fs::rename(directory_ / "away", directory_ / name);
  }
  EXPECT_NO_THROW(Bundle::load(directory_));
  fs::remove_all(directory_);
  expect_error("does not exist: a bundle holds");
  write_file_atomically(directory_, "a file");
  expect_error("is not a directory: a bundle holds");
}

// What was trained before bilinear scores were divided answers as it did then.
TEST_F(BundleTest, AnEarlierFormatKeepsItsResults) {
  Config config = small_config("luong-general", "words");
  config.model.attention.scale = "none";
  save(config);
  std::string yaml = read_file(directory_ / "config.yaml");
  const std::string key = "    scale: none\n", version = "format_version: 2";
  ASSERT_NE(yaml.find(key), std::string::npos) << yaml;
  yaml.erase(yaml.find(key), key.size());
  yaml.replace(yaml.find(version), version.size(), "format_version: 1");
  write_file_atomically(directory_ / "config.yaml", yaml);
  const Bundle earlier = Bundle::load(directory_);
  EXPECT_EQ(earlier.config.model.attention.scale, "none");
  EXPECT_EQ(earlier.config.format_version, Config::kFormatVersion);  // what it would be written as
}

TEST_F(BundleTest, NewerFormatsAreRefused) {
  save();
  const std::string yaml = read_file(directory_ / "config.yaml");
  ASSERT_NE(yaml.find("format_version: 2\n"), std::string::npos) << yaml;
  write_file_atomically(directory_ / "config.yaml", "format_version: 3\nnew_key: 5\n");
  expect_error("format_version 3, made by a newer heed; this one reads up to 2");
  write_file_atomically(directory_ / "config.yaml", "output: runs/x\n");
  expect_error("has no format_version");
  write_file_atomically(directory_ / "config.yaml", yaml + "new_key: 5\n");
  expect_error("new_key");
  write_file_atomically(directory_ / "config.yaml", "format_version: 2\nmodel: [");
  expect_error("config.yaml");
}

TEST_F(BundleTest, HasTheTokenizersThatWereChosen) {
  Bundle bundle = save();
  const std::string yaml = read_file(directory_ / "config.yaml");
  const std::size_t at = yaml.rfind("tokenizer: words");
  write_file_atomically(directory_ / "config.yaml", std::string(yaml).replace(at, 16, "tokenizer: auto"));
  expect_error("config.yaml: data.target.tokenizer: 'auto' is of a training that chooses");
  bundle.config.data.source.tokenizer = "auto";
  EXPECT_THAT([&] { write_bundle(directory_, bundle.config, bundle.source, bundle.target, *bundle.model); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("data.source.tokenizer 'auto'")));
}

TEST_F(BundleTest, TruncatedParameters) {
  save();
  shorten_config(directory_, 6, 8, 8);
  ASSERT_NO_THROW(Bundle::load(directory_));
  const std::string whole = read_file(parameters());
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    overwrite(parameters(), whole.substr(0, size));
    expect_error("truncated");
  }
}

TEST_F(BundleTest, CorruptedHeadersAreErrorsOrHarmless) {
  save();
  shorten_config(directory_, 6, 8, 8);
  ASSERT_NO_THROW(Bundle::load(directory_));
  const std::string whole = read_file(parameters());
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), sizeof header);
  for (std::size_t at = 0; at < 8 + header; at += kSanitized ? 13 : 3) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    overwrite(parameters(), damaged);
    try {
      Bundle::load(directory_);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("parameters.safetensors"), std::string::npos) << error.what();
    }
  }
}

TEST_F(BundleTest, ArraysThatDoNotFitAreNamed) {
  const Bundle bundle = save();
  rewrite(bundle, [](Arrays& arrays) { arrays.pop_back(); });
  expect_error("'generator.bias' is missing");
  rewrite(bundle, [](Arrays& arrays) { arrays.erase(arrays.begin()); });
  expect_error("'source.embedding' is missing");
  const Buffer extra(2, 2);
  rewrite(bundle, [&](Arrays& arrays) { arrays.emplace_back("one.more", extra.view()); });
  expect_error("'one.more'");
  rewrite(bundle, [&](Arrays& arrays) { arrays[1].second = extra.view(); });
  expect_error("has the shape [2, 2]");
}

TEST_F(BundleTest, NumbersThatAreNotFinite) {
  const Bundle bundle = save();
  float& victim = bundle.model->parameters().all()[2]->value.view().data[1];
  const std::string name = bundle.model->parameters().all()[2]->name;
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    victim = value;
    rewrite(bundle, [](Arrays&) {});
    expect_error("array '" + name + "' holds");
  }
}

TEST_F(BundleTest, VocabularyThatDoesNotFit) {
  save();
  const std::string vocabulary = read_file(directory_ / "target.vocabulary");
  write_file_atomically(directory_ / "target.vocabulary", vocabulary + "more\n");
  expect_error("but the target vocabulary (with model.embedding) asks for");
  write_file_atomically(directory_ / "target.vocabulary", "");
  expect_error("target.vocabulary");
}

// Sizes in the configuration that would need terabytes must not be believed.
TEST_F(BundleTest, HostileSizesTakeNoMemory) {
  save();
  const std::string yaml = read_file(directory_ / "config.yaml");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = yaml;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << yaml;
    changed.replace(at, from.size(), to);
    write_file_atomically(directory_ / "config.yaml", changed);
    expect_error("parameters.safetensors: array '");
  };
  with("embedding: 6", "embedding: 65536");
  with("hidden: 8", "hidden: 65536");
  with("layers: 1", "layers: 64");
}

}  // namespace
}  // namespace heed

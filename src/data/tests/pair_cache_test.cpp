#include "heed/data/pair_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <map>

#include "../cache_part.h"
#include "cached_data.h"
#include "heed/data/fingerprint.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

void expect_same(const TrainingData& actual, const TrainingData& expected, const std::string& what) {
  ASSERT_EQ(actual.train.size(), expected.train.size()) << what;
  EXPECT_EQ(fingerprint(actual).training, fingerprint(expected).training) << what;
  EXPECT_EQ(fingerprint(actual).validation, fingerprint(expected).validation) << what;
  EXPECT_EQ(actual.mixture.pairs, expected.mixture.pairs) << what;
  for (std::size_t i = 0; i < actual.train.size(); ++i) {
    EXPECT_EQ(actual.train[i].links.size(), expected.train[i].links.size()) << what;
    EXPECT_EQ(actual.train[i].features.size(), expected.train[i].features.size()) << what;
  }
  for (std::size_t c = 0; c < actual.corpora.size(); ++c) {
    EXPECT_EQ(actual.corpora[c].pairs, expected.corpora[c].pairs) << what;
    EXPECT_EQ(actual.corpora[c].kept, expected.corpora[c].kept) << what;
  }
}

TEST_F(PairCacheTest, HoldsWhatIsInMemoryOtherwise) {
  struct Case {
    std::string name;
    DataOptions options;
    bool copies = false;
  };
  std::vector<Case> cases;
  for (const std::string& kind : tokenizer_kinds()) cases.push_back({kind, options(kind), kind == "spaces"});
  DataOptions several = options();
  several.more_train = {files("b"), files("a")};
  several.validation = {};
  several.held_out = 0.1;
  several.filter = {.min_length = 2, .max_ratio = 3, .duplicates = "drop"};
  cases.push_back({"several corpora, held out, without duplicates", several});
  several.filter = {};
  several.train.weight = 1;
  for (CorpusFiles& corpus : several.more_train) corpus.weight = 2;
  cases.push_back({"by weight", several});
  DataOptions linked = options("characters");
  linked.train.alignment = path("a.links");
  linked.target.reversed = true;
  cases.push_back({"links, written from the end", linked, true});
  DataOptions tagged = options();
  tagged.train = {"", "", path("a.tsv")};
  tagged.validation = {"", "", path("dev.tsv")};
  tagged.source.feature.column = 3;
  cases.push_back({"features", tagged});
  DataOptions joint = options("sentencepiece");
  joint.joint_vocabulary = true;
  cases.push_back({"joint", joint});
  for (const Case& each : cases) {
    const TrainingData expected = load_training_data(each.options, each.copies, "", log());
    const std::vector<std::string> said = said_;
    for (const int threads : {1, 3}) {  // the second time it is there already
      const TrainingData actual = cached(each.options, each.copies, threads);
      EXPECT_FALSE(actual.cache) << each.name;
      expect_same(actual, expected, each.name);
      for (const std::string& line : said) EXPECT_THAT(said_, Contains(line));
    }
    std::filesystem::remove_all(root / "cache");
  }
}

TEST_F(PairCacheTest, IsTheSameWhateverTheThreadsAndWhereverTheMakingWasCutOff) {
  DataOptions all = options();
  all.filter.duplicates = "drop";
  all.more_train = {files("a"), files("b")};
  make(all);
  const auto whole = content("cache");
  ASSERT_EQ(whole.count("part-000007"), 1u);
  std::filesystem::remove_all(root / "cache");
  make(all, 3);
  EXPECT_TRUE(content("cache") == whole);
  make_incomplete();
  std::filesystem::last_write_time(root / "a.s", std::filesystem::file_time_type::clock::now());
  const auto before = std::filesystem::last_write_time(root / "cache/part-000001");
  std::filesystem::remove(root / "cache/part-000002");
  write("cache/part-000003", whole.at("part-000003").substr(0, 1000));
  write("cache/part-000004", whole.at("part-000005"));
  flip("part-000006", 1e6);
  const std::string said = [&] {
    cached(all);
    return said_.front();
  }();
  EXPECT_THAT(said, HasSubstr("is incomplete, and is gone on with"));
  EXPECT_EQ(std::filesystem::last_write_time(root / "cache/part-000001"), before) << "what stands is not made again";
  EXPECT_TRUE(content("cache") == whole);
}

TEST_F(PairCacheTest, VocabulariesAreMadeOfASample) {
  DataOptions few = options();
  few.source.vocabulary = few.target.vocabulary = 0;
  few.cache_sample = 20;
  const TrainingData data = cached(few);
  EXPECT_THAT(said_, Contains(HasSubstr("a sample of 20 of 300 training pairs (data.cache_sample)")));
  EXPECT_LT(data.source.vocabulary_size(), load_training_data(few, false, "", log()).source.vocabulary_size());
  const auto first = content("cache");
  std::filesystem::remove_all(root / "cache");
  make(few, 2);
  EXPECT_TRUE(content("cache") == first) << "the same sample each time";
}

TEST_F(PairCacheTest, GivenVocabulariesAreChecked) {
  const TrainingData data = load_training_data(options(), false, "", log());
  for (const char* name : {"run", "other"}) std::filesystem::create_directory(root / name);
  data.source.save(path("run"), "source");
  data.target.save(path("run"), "target");
  data.target.save(path("other"), "source");
  write("other/target.vocabulary", "<unk>\n<s>\n</s>\nw1\n");
  make(options());
  const DataOptions same = options();
  const auto of = [&](const std::string& bundle) {
    return load_cached_data({.options = same, .bundle = path(bundle), .part_pairs = 64}, log());
  };
  EXPECT_EQ(of("run").train.size(), data.train.size());
  EXPECT_THAT(error_of([&] { of("other"); }), AllOf(HasSubstr("vocabulary of"), HasSubstr("other")));
  std::filesystem::remove_all(root / "cache");
  of("run");
  EXPECT_THAT(error_with(options()), HasSubstr("it is a bundle's"));
}

TEST_F(PairCacheTest, OfOtherTextOrSettingsIsRefused) {
  make(options());
  for (const auto& [key, change] : std::map<std::string, std::function<void(DataOptions&)>>{
           {"data.source.max_length: 30', the config says 'data.source.max_length: 31",
            [](auto& o) { ++o.source.max_length; }},
           {"data.target.lowercase", [](auto& o) { o.target.lowercase = true; }},
           {"data.filter.duplicates", [](auto& o) { o.filter.duplicates = "drop"; }},
           {"data.cache_sample", [](auto& o) { --o.cache_sample; }},
           {"data.held_out", [](auto& o) { o.validation = {}; }},
           {"2 files of text, the config names 4", [this](auto& o) { o.more_train = {files("b")}; }},
           {"another '.*b.s'", [this](auto& o) { o.train = files("b"); }},
       }) {
    DataOptions other = options();
    change(other);
    EXPECT_THAT(error_with(other), AllOf(testing::ContainsRegex(key), HasSubstr("it has to be made anew"))) << key;
  }
  EXPECT_THAT(error_of([&] { cached(options(), true); }), HasSubstr("a model that copies"));
  for (const auto& change : std::vector<std::function<void(DataOptions&)>>{
           [](auto& o) { o.cache_memory = 7; }, [this](auto& o) { o.validation = files("b"); },
           [](auto& o) { o.max_output = "x3"; }, [this](auto& o) { o.test = files("dev"); }}) {
    DataOptions same = options();
    change(same);
    EXPECT_EQ(error_with(same), "");
  }
  const std::string text = read_file(path("a.s"));
  write("moved.s", text);
  DataOptions moved = options();
  moved.train.source = path("moved.s");
  EXPECT_EQ(error_with(moved), "") << "the same text elsewhere";
  std::string other = text;
  other.back() = other[0];
  other[0] = 'v';
  write("a.s", other);
  EXPECT_THAT(error_with(options()), HasSubstr("with other text"));
  write("a.s", text + "w\n");
  EXPECT_THAT(error_with(options()), HasSubstr("which has"));
}

TEST_F(PairCacheTest, OfTheSameFilesReadInAnotherWayIsRefused) {
  make(options());
  DataOptions apart = options();  // as many files in the same order
  apart.train = {"", "", path("a.s")};
  apart.more_train = {{"", "", path("a.t")}};
  EXPECT_THAT(error_with(apart), HasSubstr("was made with 'data.train: source and target', the config says "
                                           "'data.train: tsv, columns 1, 2; tsv, columns 1, 2'"));
  std::filesystem::remove_all(root / "cache");
  apart.train.tsv = path("a.tsv");
  apart.more_train[0].tsv = path("b.tsv");
  make(apart);
  apart.more_train[0].columns = {2, 1};
  EXPECT_THAT(error_with(apart), HasSubstr("the config says 'data.train: tsv, columns 1, 2; tsv, columns 2, 1'"));
}

TEST_F(PairCacheTest, DamageIsNoticed) {
  make(options());
  const auto whole = content("cache");
  const auto restored = [&](const std::string& file) { write("cache/" + file, whole.at(file)); };
  for (const auto& [file, bytes] : whole) {
    const std::size_t step = bytes.size() / 9 + 1;
    for (std::size_t at = 3; at < bytes.size(); at += step) {
      flip(file, at);
      EXPECT_THAT(error_with(options()), HasSubstr(file == kCacheManifest ? "cache" : file)) << file << " " << at;
      restored(file);
    }
    write("cache/" + file, bytes.substr(0, bytes.size() / 2));
    EXPECT_THAT(error_with(options()), HasSubstr(file == kCacheManifest ? "cache" : file)) << file;
    restored(file);
  }
  write("cache/part-000001", whole.at("part-000002"));
  EXPECT_THAT(error_with(options()), HasSubstr("it is another part"));
  std::filesystem::remove(root / "cache/part-000001");
  EXPECT_THAT(error_with(options()), HasSubstr("part-000001"));
  restored("part-000001");
  EXPECT_EQ(error_with(options()), "");
  std::string other = whole.at(kCacheManifest);
  other.replace(other.find(" 1 "), 3, " 2 ");
  write("cache/manifest", other);
  EXPECT_THAT(error_with(options()), HasSubstr("has the format 2, and this version"));
  PairCache::open({.options = options(), .replaces = true, .part_pairs = 64}, log());
  EXPECT_TRUE(content("cache") == whole);
}

TEST_F(PairCacheTest, IsMadeAnewInWhateverStateItIs) {
  make(options());
  const auto whole = content("cache");
  const auto anew = [&](const std::string& what) {
    PairCache::open({.options = options(), .replaces = true, .part_pairs = 64}, log());
    EXPECT_TRUE(content("cache") == whole) << what;
  };
  const auto refused = [&](const std::string& what, const std::string& why) {
    EXPECT_TRUE(is_cache(root / "cache")) << what;
    EXPECT_THAT(error_with(options()), AllOf(HasSubstr(why), HasSubstr("it has to be made anew"))) << what;
    anew(what);
  };
  write("cache/manifest", "");
  refused("an empty manifest", "manifest of a cache is damaged: it does not begin as one");
  flip("manifest", 0);
  refused("one that begins otherwise", "manifest of a cache is damaged");
  std::filesystem::remove(root / "cache/manifest");
  refused("none", "manifest of a cache is damaged: it is missing");
  for (std::size_t part = 0; part < 5; ++part) std::filesystem::remove(root / "cache" / part_name(part));
  write("cache/manifest", "x");
  refused("vocabularies alone", "manifest of a cache is damaged");
  make_incomplete();
  flip("source.vocabulary", 40);
  refused("an incomplete one with another vocabulary", "source.vocabulary: a vocabulary of the cache changed");
  make_incomplete();
  std::filesystem::remove(root / "cache/source.vocabulary");
  refused("or without one", "source.vocabulary: a vocabulary of the cache is missing");
  make_incomplete();
  anew("an incomplete one");
  EXPECT_THAT(said_, Contains(HasSubstr("is made: the text is read twice")));
}

TEST_F(PairCacheTest, IsMadeAnewBesideWhatIsNotItsOwn) {
  make(options());
  const auto whole = content("cache");
  std::filesystem::create_directories(root / "cache/runs/part-000000");
  write("cache/runs/part-000000/source.vocabulary", "mine");
  write("cache/part-1", "mine");
  write("cache/part-000099", "of a cache of more parts");
  PairCache::open({.options = options(), .replaces = true, .part_pairs = 64}, log());
  EXPECT_EQ(read_file(root / "cache/runs/part-000000/source.vocabulary"), "mine");
  EXPECT_EQ(read_file(root / "cache/part-1"), "mine");
  std::filesystem::remove_all(root / "cache/runs");
  std::filesystem::remove(root / "cache/part-1");
  EXPECT_TRUE(content("cache") == whole);
}

TEST_F(PairCacheTest, SpecialFilesAreRefused) {
  make(options());
  const auto whole = content("cache");
  for (const std::string file : {"manifest", "source.vocabulary", "part-000001"}) {
    for (const bool complete : {true, false}) {
      if (!complete) make_incomplete();
      std::filesystem::remove(root / "cache" / file);
      complete ? (void)mkfifo((root / "cache" / file).c_str(), 0600)
               : std::filesystem::create_symlink("/dev/zero", root / "cache" / file);
      EXPECT_THAT(error_with(options()), AllOf(HasSubstr(file), HasSubstr("no regular file"))) << file;
      PairCache::open({.options = options(), .replaces = true, .part_pairs = 64}, log());
      EXPECT_TRUE(content("cache") == whole) << file;
    }
  }
}

TEST_F(PairCacheTest, MayBeReadAlone) {
  const auto read = [&] {
    return error_of([&] { PairCache::open({.options = options(), .only_reads = true}, log()); });
  };
  EXPECT_THAT(read(), HasSubstr("there is no cache in"));
  EXPECT_FALSE(std::filesystem::exists(root / "cache"));
  make(options());
  EXPECT_EQ(read(), "");
  make_incomplete();
  std::filesystem::remove(root / "cache/part-000001");
  const auto before = content("cache");
  EXPECT_THAT(read(), testing::EndsWith("is incomplete: 236 of 300 pairs"));
  EXPECT_TRUE(content("cache") == before);
}

TEST_F(PairCacheTest, HasAFolderOfItsOwn) {
  DataOptions some = options();
  for (const auto& [cache, output] : std::map<std::string, std::string>{{"a/b", "a/b/"},
                                                                        {"a/b/.", "a/c/../b"},
                                                                        {"a", "a/b"},
                                                                        {".", "runs"},
                                                                        {"./a", std::filesystem::absolute("a/b")}}) {
    some.cache = cache;
    EXPECT_THAT(error_of([&] { some.settle_cache(output); }), HasSubstr("needs a folder of its own")) << cache;
  }
  for (const auto& [cache, output] :
       std::map<std::string, std::string>{{"a/b", "a"}, {"a/b", "a/bc"}, {"auto", "a"}, {"", ""}}) {
    some.cache = cache;
    some.settle_cache(output);
  }
}

TEST_F(PairCacheTest, NothingElseIsOverwritten) {
  std::filesystem::create_directory(root / "cache");
  write("cache/mine", "x");
  for (const bool replaces : {false, true}) {
    EXPECT_THAT(error_of([&] { PairCache::open({.options = options(), .replaces = replaces}, log()); }),
                HasSubstr("something else than a cache"));
  }
  EXPECT_EQ(content("cache").size(), 1u);
  DataOptions piped = options();
  piped.train.source = "/dev/null";
  piped.cache = path("new");
  EXPECT_THAT(error_with(piped), HasSubstr("can be read only once"));
}

TEST_F(PairCacheTest, WhatEndsTheMakingOfAPartLeavesTheOthers) {
  DataOptions all = options();
  all.filter.duplicates = "drop";
  std::filesystem::create_directories(root / "cache");
  make(all);
  const auto whole = content("cache");
  make_incomplete();
  for (int p = 1; p < 5; ++p) std::filesystem::remove(root / "cache" / part_name(static_cast<std::size_t>(p)));
  std::filesystem::create_directory(root / "cache" / part_name(2));  // which cannot be written
  EXPECT_THAT(error_with(all), HasSubstr("part-000002"));
  std::filesystem::remove(root / "cache" / part_name(2));
  EXPECT_EQ(error_with(all), "");
  EXPECT_TRUE(content("cache") == whole);
}

}  // namespace
}  // namespace heed

#pragma once
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "../cache_manifest.h"
#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/rng.h"
#include "heed/data/training_data.h"
#include "test_files.h"

namespace heed {

/// A test with corpora, and a cache that is made of them.
class PairCacheTest : public FolderTest {
 protected:
  /// Text with long, empty and repeated pairs, tags and links.
  void write_corpus(const std::string& name, int pairs, std::uint64_t seed) const {
    Rng rng(seed);
    std::string source, target, tsv, links;
    for (int i = 0; i < pairs; ++i) {
      const std::uint64_t words = i % 17 == 5 ? 0 : i % 23 == 7 ? 40 : 1 + rng.below(9);
      std::string left, right, tags, linked;
      for (std::uint64_t w = 0; w < words; ++w) {
        const std::string word = "w" + std::to_string(i % 6 == 0 ? w : rng.below(60));
        left += (w > 0 ? " " : "") + word;
        right = word + (w > 0 ? " " : "") + right;
        tags += (w > 0 ? " T" : "T") + std::to_string(w % 3);
        linked += (w > 0 ? " " : "") + std::to_string(w) + "-" + std::to_string(words - 1 - w);
      }
      source += left + "\n";
      target += right + "\n";
      tsv += left + "\t" + right + "\t" + tags + "\n";
      links += linked + "\n";
    }
    write(name + ".s", source);
    write(name + ".t", target);
    write(name + ".tsv", tsv);
    write(name + ".links", links);
  }
  std::string path(const std::string& name) const { return (root / name).string(); }
  CorpusFiles files(const std::string& name) const { return {path(name + ".s"), path(name + ".t"), ""}; }

  DataOptions options(const std::string& tokenizer = "words") const {
    DataOptions out;
    out.train = files("a");
    out.validation = files("dev");
    for (TextOptions* side : {&out.source, &out.target}) {
      side->tokenizer = tokenizer;
      side->vocabulary = 50;
      side->max_length = 30;
    }
    out.cache = path("cache");
    return out;
  }
  void SetUp() override {
    write_corpus("a", 300, 1);
    write_corpus("b", 100, 2);
    write_corpus("dev", 20, 3);
  }
  LogSink log() {
    said_.clear();
    return [this](LogLevel, std::string_view text) { said_.emplace_back(text); };
  }
  TrainingData cached(const DataOptions& options, bool copies = false, int threads = 2) {
    return load_cached_data({.options = options, .copies = copies, .threads = threads, .part_pairs = 64}, log());
  }
  static void make(const DataOptions& options, int threads = 1) {
    PairCache::open({.options = options, .threads = threads, .part_pairs = 64}, [](LogLevel, std::string_view) {});
  }
  std::string error_with(const DataOptions& options) {
    return error_of([&] { cached(options); });
  }
  std::map<std::string, std::string> content(const std::string& folder) const {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(root / folder))
      out[entry.path().filename().string()] = read_file(entry.path());
    return out;
  }
  /// The state that a process leaves which ends before its last part is done.
  void make_incomplete() const {
    CacheManifest manifest = CacheManifest::load(root / "cache");
    manifest.complete = false;
    manifest.counts = CacheCounts();
    manifest.parts.clear();
    write_file_atomically(root / "cache" / kCacheManifest, manifest.to_text());
  }
  void flip(const std::string& file, std::size_t at) const {
    std::string bytes = read_file(root / "cache" / file);
    bytes[at < bytes.size() ? at : bytes.size() - 1] ^= 1;
    write("cache/" + file, bytes);
  }

  std::vector<std::string> said_;
};

}  // namespace heed

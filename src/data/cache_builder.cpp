#include "cache_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cache_parts.h"
#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/rng.h"
#include "heed/base/version.h"
#include "training_text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// Draws pairs at random while they go by, each with the same chance (reservoir sampling: Vitter 1985, algorithm R).
class PairSample {
 public:
  explicit PairSample(long most) : most_(most) {}

  void add(const PairLine& pair) {
    const long number = read_++;
    if (number < most_) {
      pairs_.push_back({number, SentencePair(pair)});
    } else if (const auto place = rng_.below(static_cast<std::uint64_t>(read_));
               place < static_cast<std::uint64_t>(most_)) {
      pairs_[place] = {number, SentencePair(pair)};
    }
  }
  long read() const { return read_; }
  long size() const { return static_cast<long>(pairs_.size()); }
  /// Gives them on in the order of the text, and forgets them.
  void give(SideBuilders& builders) {
    std::sort(pairs_.begin(), pairs_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [number, pair] : pairs_) {
      const std::vector<std::string_view> features(pair.features.begin(), pair.features.end());
      builders.source.add(pair.source, features);
      builders.target.add(pair.target);
      pair = {};
    }
    pairs_ = {};
  }

 private:
  static constexpr std::uint64_t kSeed = 0xCAC4E;

  long most_;
  long read_ = 0;
  Rng rng_{kSeed};
  std::vector<std::pair<long, SentencePair>> pairs_;  // by their number in the text
};

/// Whether a text has to be looked at for the vocabularies.
bool makes_vocabularies(const DataOptions& options, const std::string& bundle) {
  if (!bundle.empty()) return false;
  const bool target_given =
      !options.target.model.empty() || (options.joint_vocabulary && !options.source.model.empty());
  return options.source.model.empty() || !target_given || !options.source.features().empty();
}

/// One after the other: SentencePiece takes about 20 bytes of memory for each character of a side.
std::pair<TextSide, TextSide> finish_sides(SideBuilders& builders, bool joint) {
  if (joint) return TextSide::Builder::finish_joint_sides(builders.source, builders.target);
  TextSide source = builders.source.finish_side();
  return {std::move(source), builders.target.finish_side()};
}

std::map<std::string, std::string> sums_of_files(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    out[entry.path().filename().string()] = file_checksum(entry.path());
  return out;
}

/// Reads all pairs once, and makes the folder.
CacheManifest read_once(const CacheRequest& request, const fs::path& folder, const LogSink& log) {
  const DataOptions& options = request.options;
  AtomicDirectory directory(folder, is_cache_file);  // what cannot be written is said before the work
  CacheManifest out;
  out.made_by = kVersion;
  out.keys = cache_keys(options, request.copies);
  out.given = !request.bundle.empty();
  out.part_pairs = request.part_pairs;
  out.files = cache_files(options);
  for (CachedFile& file : out.files) file.sum = file_checksum(file.path);
  PairSample sample(makes_vocabularies(options, request.bundle) ? options.cache_sample : 0);
  const LogSink keep = [&](LogLevel level, std::string_view text) {
    out.said.emplace_back(text);
    log(level, text);
  };
  const auto take = [&](const PairLine& pair, PairOrigin, std::span<const int>) { sample.add(pair); };
  out.held_out = for_each_training_pair(options, take, keep).held_out;
  out.read = sample.read();
  out.sample = sample.size();
  log(LogLevel::kInfo, sample_text(out));
  SideBuilders builders(options, request.bundle);
  sample.give(builders);
  const auto [source, target] = finish_sides(builders, options.joint_vocabulary);
  source.save(directory.path().string(), "source");
  target.save(directory.path().string(), "target");
  out.vocabularies = sums_of_files(directory.path());
  write_file_atomically(directory.path() / kCacheManifest, out.to_text());
  directory.commit();
  return out;
}

void check_unchanged(const CacheManifest& manifest, const DataOptions& options) {
  const std::vector<CachedFile> now = cache_files(options);
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (manifest.files[i].is_still(now[i])) continue;
    throw Error(ErrorKind::kData, fmt::format("'{}' changed while a cache was made of it", now[i].path),
                {.file = now[i].path, .key = "data.cache"});
  }
}

void check_read_again(const DataOptions& options) {
  for (const CorpusFiles& files : options.corpora()) {
    for (const std::string& path : {files.source, files.target, files.tsv, files.alignment}) {
      if (path.empty() || can_be_read_again(path)) continue;
      throw UsageError(
          fmt::format("data.cache: {} can be read only once, but a cache is made by reading the text twice",
                      shown(path)),
          {.file = shown(path), .key = "data.cache"});
    }
  }
}

/// An incomplete cache of what is asked for; nothing where there is none.
std::optional<CacheManifest> begun(const CacheRequest& request, const fs::path& folder) {
  if (!is_cache(folder)) {
    if (!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder))) return std::nullopt;
    throw UsageError(
        fmt::format("data.cache: '{}' holds something else than a cache; name a new folder", folder.string()),
        {.file = folder.string(), .key = "data.cache"});
  }
  if (request.replaces) return std::nullopt;
  CacheManifest out = CacheManifest::load(folder);
  check_made_of(out, folder, request.options, request.copies);
  out.check_vocabularies(folder);  // before parts are made with them
  return out;
}

}  // namespace

std::string sample_text(const CacheManifest& manifest) {
  if (manifest.sample == 0)
    return fmt::format("{} training pairs were read; the vocabularies are given", manifest.read);
  if (manifest.sample == manifest.read)
    return fmt::format("vocabularies are made of all {} training pairs", manifest.read);
  return fmt::format("vocabularies are made of a sample of {} of {} training pairs (data.cache_sample)",
                     manifest.sample, manifest.read);
}

void make_cache(const CacheRequest& request, const LogSink& log) {
  const fs::path folder = without_slash(request.options.cache);
  check_training_files(request.options);
  check_read_again(request.options);
  const DirectoryLock lock(folder);
  std::optional<CacheManifest> manifest = begun(request, folder);
  if (manifest && manifest->complete) return;  // another process made it meanwhile
  if (manifest) {
    log(LogLevel::kInfo, fmt::format("data.cache: '{}' is incomplete, and is gone on with", folder.string()));
    check_file_writable(folder / kCacheManifest);  // and removes what a process that died left there
  } else {
    log(LogLevel::kInfo, fmt::format("data.cache: '{}' is made: the text is read twice", folder.string()));
    manifest = read_once(request, folder, log);
  }
  make_parts(request, folder, *manifest, log);
  check_unchanged(*manifest, request.options);
  manifest->complete = true;
  write_file_atomically(folder / kCacheManifest, manifest->to_text());
}

}  // namespace heed

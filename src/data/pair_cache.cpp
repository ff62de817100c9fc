#include "heed/data/pair_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cache_builder.h"
#include "cache_manifest.h"
#include "cache_part.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/regular_file.h"
#include "training_text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

// Of a pair, beside its ids: where its lists end, its length, its place in a batch.
constexpr std::int64_t kBytesOfPair = 2 * sizeof(std::size_t) + sizeof(PairLength) + 2 * sizeof(int);

bool have_same_tokens(const TextSide& a, const TextSide& b) {
  if (a.vocabulary_size() != b.vocabulary_size() || a.sentencepiece() != b.sentencepiece()) return false;
  for (int id = 0; id < a.vocabulary_size(); ++id) {
    if (a.token(id) != b.token(id)) return false;
  }
  return a.options().features().empty() || a.features().empty() || a.has_features_of(b);
}

/// Throws Error unless vocabularies that are given are those of the cache.
void check_vocabularies(const PairCache& cache, const CacheRequest& request) {
  const auto [source, target] = cache.sides();
  const auto refuse = [&](const std::string& side, const std::string& whose) {
    throw Error(ErrorKind::kModel,
                fmt::format("data.cache: the {} vocabulary of '{}' is another than that of {}: {}", side,
                            cache.folder().string(), whose, kMakeCacheAnew),
                {.file = cache.folder().string(), .key = "data.cache"});
  };
  const auto check = [&](const TextSide& side, SideOfPair which, const std::string& name) {
    const std::optional<TextSide> given = given_side(request.options, request.bundle, which);
    if (!given && cache.manifest().given) refuse(name, "the text: it is a bundle's");
    const std::string whose = request.bundle.empty() ? fmt::format("data.{}.model", name) : request.bundle;
    if (given && !have_same_tokens(*given, side)) refuse(name, whose);
  };
  check(source, SideOfPair::kSource, "source");
  check(target, SideOfPair::kTarget, "target");
}

bool begins_with(const fs::path& file, std::string_view text) {
  std::error_code unknown;
  return fs::is_regular_file(file, unknown) && read_front(file, text.size()) == text;
}

/// A cache whose manifest is damaged or missing: of its files a part, or vocabularies and nothing else.
bool is_without_manifest(const fs::path& folder) {
  bool has_part = false, has_vocabulary = false, has_others = false;
  std::error_code unknown;
  for (fs::directory_iterator entry(folder, unknown), end; !unknown && entry != end; entry.increment(unknown)) {
    const std::string name = entry->path().filename().string();
    if (name == kCacheManifest || name.starts_with(".heed-")) continue;
    if (!is_cache_file(name)) {
      has_others = true;
    } else if (name.starts_with("part-")) {
      has_part |= begins_with(entry->path(), kPartBegin);
    } else {
      has_vocabulary = true;
    }
  }
  return has_part || (has_vocabulary && !has_others);
}

bool has_part(const fs::path& folder, std::size_t number, const Digest& made_of, std::size_t corpora) try {
  CachePart(folder / part_name(number), static_cast<std::uint32_t>(number)).check_of(made_of, corpora);
  return true;
} catch (const Error&) {  // it is not there, or is made again
  return false;
}

/// How many of its training pairs an incomplete cache has in parts.
long pairs_made(const CacheManifest& manifest, const fs::path& folder, std::size_t corpora) {
  const Digest made_of = manifest.made_of();
  const long of_part = std::max(manifest.part_pairs, 1L);
  long out = 0;
  for (long begin = 0; begin < manifest.read; begin += of_part) {
    if (has_part(folder, static_cast<std::size_t>(begin / of_part), made_of, corpora))
      out += std::min(of_part, manifest.read - begin);
  }
  return out;
}

/// Throws Error where the cache is missing, or not complete.
void check_complete(const CacheRequest& request, const fs::path& folder) {
  const ErrorPlace place{.file = folder.string(), .key = "data.cache"};
  if (!is_cache(folder))
    throw Error(ErrorKind::kData, fmt::format("data.cache: there is no cache in '{}'", folder.string()), place);
  const CacheManifest manifest = CacheManifest::load(folder);
  check_made_of(manifest, folder, request.options, request.copies);
  if (manifest.complete) return;
  throw Error(ErrorKind::kData,
              fmt::format("data.cache: '{}' is incomplete: {} of {}", folder.string(),
                          pairs_made(manifest, folder, request.options.corpora().size()),
                          count_of(static_cast<std::size_t>(manifest.read), "pair")),
              place);
}

}  // namespace

bool is_cache(const fs::path& folder) {
  return begins_with(folder / kCacheManifest, kCacheBegin) || is_without_manifest(folder);
}

std::shared_ptr<const PairCache> PairCache::open(const CacheRequest& request, const LogSink& log) {
  const fs::path folder = without_slash(request.options.cache);
  if (request.only_reads) check_complete(request, folder);
  const bool stood = !request.replaces && is_cache(folder) && CacheManifest::load(folder).complete;
  if (!stood) make_cache(request, log);
  CacheManifest manifest = CacheManifest::load(folder);
  check_made_of(manifest, folder, request.options, request.copies);
  std::shared_ptr<const PairCache> out(new PairCache(folder, request.options, std::move(manifest)));
  check_vocabularies(*out, request);
  if (stood) {  // else it was said when it was made
    for (const std::string& said : out->manifest().said) log(LogLevel::kInfo, said);
  }
  log(LogLevel::kInfo,
      fmt::format("data.cache: '{}' holds {} in {}, {}; {}", folder.string(),
                  count_of(static_cast<std::size_t>(out->pairs()), "pair"), count_of(out->parts(), "part"),
                  megabytes_text(static_cast<double>(out->bytes())), sample_text(out->manifest())));
  return out;
}

PairCache::PairCache(fs::path folder, const DataOptions& options, CacheManifest manifest)
    : folder_(std::move(folder)),
      options_(options),
      manifest_(std::make_unique<const CacheManifest>(std::move(manifest))) {
  manifest_->check_vocabularies(folder_);
  read_heads();
}

PairCache::~PairCache() = default;

void PairCache::read_heads() {
  const Digest made_of = manifest_->made_of();
  const auto& fates = manifest_->counts.fates;
  if (fates.size() != options_.corpora().size())
    throw damaged_manifest(folder_ / kCacheManifest, "it counts pairs of other corpora");
  std::vector<long> pairs(fates.size());  // of each corpus
  for (std::size_t p = 0; p < manifest_->parts.size(); ++p) {
    const CachePart part(folder_ / part_name(p), static_cast<std::uint32_t>(p));
    part.check_of(made_of, fates.size());
    part.check_head(manifest_->parts[p]);
    for (const CacheBlock& block : part.head().blocks) {
      pairs[block.corpus] += block.pairs;
      blocks_.push_back(block);
    }
    has_.copies |= part.head().has.copies;
    has_.links |= part.head().has.links;
    has_.features |= part.head().has.features;
  }
  for (std::size_t c = 0; c < pairs.size(); ++c) {
    if (pairs[c] == fates[c][static_cast<std::size_t>(PairFate::kTaken)]) continue;
    throw damaged_manifest(folder_ / kCacheManifest, "its parts do not have the pairs that it counts");
  }
}

long PairCache::pairs() const {
  long out = 0;
  for (const auto& fates : manifest_->counts.fates) out += fates[static_cast<std::size_t>(PairFate::kTaken)];
  return out;
}

std::int64_t PairCache::bytes() const {
  std::uint64_t ids = 0;
  for (const CacheBlock& block : blocks_) ids += block.ids;
  return static_cast<std::int64_t>(ids * sizeof(int));
}

std::size_t PairCache::parts() const { return manifest_->parts.size(); }

std::vector<CacheSegment> PairCache::all() const {
  std::vector<CacheSegment> out;
  out.reserve(blocks_.size());
  for (std::size_t b = 0; b < blocks_.size(); ++b) out.push_back({b, 0, blocks_[b].pairs});
  return out;
}

std::vector<int> PairCache::corpora() const {
  std::vector<int> out;
  for (const CacheBlock& block : blocks_) out.insert(out.end(), block.pairs, static_cast<int>(block.corpus));
  return out;
}

std::int64_t PairCache::memory_of(const CacheSegment& segment) const {
  const CacheBlock& block = blocks_[segment.block];
  const auto lists = static_cast<std::int64_t>(sizeof(std::size_t)) * (has_.copies + has_.links + has_.features);
  const auto ids = static_cast<std::int64_t>(block.ids * sizeof(int) * segment.pairs / block.pairs);
  return ids + static_cast<std::int64_t>(segment.pairs) * (kBytesOfPair + lists);
}

Examples PairCache::load(std::span<const CacheSegment> segments) const {
  std::optional<CachePart> part;
  const auto part_of = [&](const CacheSegment& segment) -> CachePart& {
    open_part(part, blocks_[segment.block].part);
    return *part;
  };
  std::size_t pairs = 0;
  ExampleSizes sizes{};
  for (const CacheSegment& segment : segments) {
    pairs += segment.pairs;
    part_of(segment).add_sizes(blocks_[segment.block], segment.first, segment.pairs, sizes);
  }
  Examples out(has_);
  out.reserve(pairs, sizes);
  for (const CacheSegment& segment : segments)
    part_of(segment).add(blocks_[segment.block], segment.first, segment.pairs, out);
  return out;
}

void PairCache::open_part(std::optional<CachePart>& part, std::size_t number) const {
  const fs::path path = folder_ / part_name(number);
  if (part && part->path() == path) return;
  part.emplace(path, static_cast<std::uint32_t>(number));
  part->check_head(manifest_->parts[number]);
}

std::vector<PairLength> PairCache::lengths(std::span<const CacheSegment> segments) const {
  std::vector<PairLength> out;
  std::optional<CachePart> part;
  for (const CacheSegment& segment : segments) {
    const CacheBlock& block = blocks_[segment.block];
    open_part(part, block.part);
    const auto begin = part->lengths().begin() + static_cast<std::ptrdiff_t>(block.first + segment.first);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(segment.pairs));
  }
  return out;
}

void PairCache::check() const {
  for (std::size_t p = 0; p < manifest_->parts.size(); ++p) {
    std::optional<CachePart> part;
    open_part(part, p);
    part->check_all();
  }
}

std::string PairCache::fingerprint() const {
  std::string sums;
  for (const CacheBlock& block : blocks_) sums += to_text(block.sum);
  return checksum(sums);
}

std::pair<TextSide, TextSide> PairCache::sides() const {
  TextSide source = TextSide::load(options_.source, folder_, "source");
  TextSide target = TextSide::load(options_.target, folder_, "target", &source);
  return {std::move(source), std::move(target)};
}

}  // namespace heed

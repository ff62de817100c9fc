#include "cache_manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "byte_source.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/settings.h"
#include "heed/base/version.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Of what is written, and of the ids that a text is turned into: another number wherever they may differ.
constexpr std::string_view kFormat = "1";
constexpr std::size_t kDigits = 32;

Json to_json(const CacheCounts& counts) {
  Json out = {{"fates", counts.fates}, {"lengths", Json::array()}};
  for (const LengthCounts& lengths : counts.lengths) {
    Json rows = Json::array();
    for (const auto& [length, pairs] : lengths.sorted()) rows.push_back({length.source, length.target, pairs});
    out["lengths"].push_back(std::move(rows));
  }
  const UnknownPairs& unknown = counts.unknown;
  out["unknown"] = {unknown.source.unknown, unknown.source.all, unknown.target.unknown, unknown.target.all};
  return out;
}

CacheCounts counts_from(const Json& j) {
  CacheCounts out(j.at("fates").size());
  out.fates = j.at("fates");
  for (std::size_t c = 0; c < out.lengths.size(); ++c) {
    for (const Json& row : j.at("lengths").at(c)) out.lengths[c].add({row.at(0), row.at(1)}, row.at(2));
  }
  const Json& unknown = j.at("unknown");
  out.unknown = {{unknown.at(0), unknown.at(1)}, {unknown.at(2), unknown.at(3)}};
  return out;
}

Json to_json(const CachedFile& file) {
  return {{"path", file.path}, {"size", file.size}, {"modified", file.modified}, {"sum", file.sum}};
}

CacheManifest manifest_from(const Json& j) {
  CacheManifest out;
  out.made_by = j.at("made_by");
  out.complete = j.at("complete");
  out.keys = j.at("keys");
  for (const Json& file : j.at("files"))
    out.files.push_back({file.at("path"), file.at("size"), file.at("modified"), file.at("sum")});
  out.given = j.at("given");
  out.vocabularies = j.at("vocabularies");
  out.read = j.at("read");
  out.sample = j.at("sample");
  out.part_pairs = j.at("part_pairs");
  out.said = j.at("said");
  for (const Json& pair : j.at("held_out")) out.held_out.push_back({pair.at(0), pair.at(1), pair.at(2)});
  out.parts = j.at("parts");
  out.counts = counts_from(j);
  return out;
}

/// What was made of another text or config.
Error other_cache(const fs::path& folder, const std::string& what) {
  return {ErrorKind::kModel,
          fmt::format("data.cache: '{}' {}: {}", folder.string(), what, kMakeCacheAnew),
          {.file = folder.string(), .key = "data.cache"}};
}

bool decides_no_ids(const std::string& key) {
  for (const char* other : {"data.held_out", "data.max_output", "data.cache", "data.cache_memory",
                            "data.source.sampling", "data.target.sampling", "data.source.model", "data.target.model",
                            "data.source.features.embedding", "data.source.features.join"}) {
    if (key == other) return true;
  }
  return key.starts_with("data.train.") || key.starts_with("data.validation.") || key.starts_with("data.test.");
}

/// What the files of each corpus are: the settings have keys for those of the first alone.
std::string roles_of_files(const DataOptions& options) {
  std::string out;
  for (const CorpusFiles& corpus : options.corpora()) {
    out += out.empty() ? "" : "; ";
    out += corpus.tsv.empty() ? "source and target" : fmt::format("tsv, columns {}", fmt::join(corpus.columns, ", "));
    out += corpus.alignment.empty() ? "" : ", alignment";
  }
  return out;
}

void check_file(const CachedFile& then, const CachedFile& now, const fs::path& folder) {
  const auto changed = [&](const std::string& how) {
    return other_cache(folder, fmt::format("was made of another '{}' ({})", now.path, how));
  };
  if (then.size != now.size) throw changed(fmt::format("of {} bytes, which has {} now", then.size, now.size));
  if (!then.is_still(now)) throw changed("with other text");
}

}  // namespace

CachedFile CachedFile::of(const std::string& path) {
  CachedFile out{path};
  std::error_code error;
  out.size = fs::file_size(path, error);
  const fs::file_time_type time = error ? fs::file_time_type() : fs::last_write_time(path, error);
  if (error) {
    throw Error(ErrorKind::kSystem, fmt::format("cannot read '{}': {}", path, error.message()), {.file = path});
  }
  out.modified = static_cast<long>(time.time_since_epoch().count());
  return out;
}

bool CachedFile::is_still(const CachedFile& now) const {
  if (size != now.size) return false;
  return (path == now.path && modified == now.modified) || file_checksum(now.path) == sum;
}

Error damaged_manifest(const fs::path& file, const std::string& what) {
  return Error::at({.file = file.string(), .key = "data.cache"},
                   fmt::format("the manifest of a cache is damaged: {}: {}", what, kMakeCacheAnew), ErrorKind::kModel);
}

std::string CacheManifest::to_text() const {
  Json out = to_json(counts);
  out["made_by"] = made_by;
  out["complete"] = complete;
  out["keys"] = keys;
  out["files"] = Json::array();
  for (const CachedFile& file : files) out["files"].push_back(to_json(file));
  out["given"] = given;
  out["vocabularies"] = vocabularies;
  out["read"] = read;
  out["sample"] = sample;
  out["part_pairs"] = part_pairs;
  out["said"] = said;
  out["held_out"] = Json::array();
  for (const SentencePair& pair : held_out) out["held_out"].push_back({pair.source, pair.target, pair.features});
  out["parts"] = parts;
  const std::string text = out.dump() + "\n";
  return fmt::format("{}{} {}\n{}", kCacheBegin, kFormat, checksum(text), text);
}

CacheManifest CacheManifest::load(const fs::path& folder) {
  const fs::path file = folder / kCacheManifest;
  std::error_code unknown;
  const fs::file_status status = fs::status(file, unknown);
  if (!fs::exists(status)) throw damaged_manifest(file, "it is missing");
  if (!fs::is_regular_file(status)) throw damaged_manifest(file, "it is no regular file");
  const std::string text = read_regular_file(file);
  std::string_view rest = text;
  if (!rest.starts_with(kCacheBegin)) throw damaged_manifest(file, "it does not begin as one");
  rest.remove_prefix(kCacheBegin.size());
  const std::string_view format = rest.substr(0, rest.find(' '));
  if (format != kFormat) {
    throw other_cache(folder, fmt::format("has the format {}, and this version ({}) reads and writes the format {}",
                                          format.substr(0, 10), kVersion, kFormat));
  }
  rest.remove_prefix(std::min(format.size() + 1, rest.size()));
  const std::string_view sum = rest.substr(0, kDigits);
  rest.remove_prefix(std::min(sum.size() + 1, rest.size()));
  if (checksum(rest) != sum) throw damaged_manifest(file, "its checksum is another");
  try {
    return manifest_from(Json::parse(rest));
  } catch (const Json::exception& error) {
    throw damaged_manifest(file, error.what());
  }
}

Digest CacheManifest::made_of() const {
  std::string all = fmt::format("{} {} {}\n", kFormat, read, part_pairs);
  for (const auto& [key, value] : keys) all += fmt::format("{}\t{}\n", key, value);
  for (const CachedFile& each : files) all.append(each.sum) += '\n';
  for (const auto& [name, sum] : vocabularies) all += fmt::format("{}\t{}\n", name, sum);
  return digest(all);
}

void CacheManifest::check_vocabularies(const fs::path& folder) const {
  for (const auto& [name, sum] : vocabularies) {
    const fs::path file = folder / name;
    std::error_code unknown;
    const fs::file_status status = fs::status(file, unknown);
    const std::string fault = !fs::exists(status)                        ? "is missing"
                              : !fs::is_regular_file(status)             ? "is no regular file"
                              : checksum(read_regular_file(file)) != sum ? "changed"
                                                                         : "";
    if (fault.empty()) continue;
    throw Error::at({.file = file.string(), .key = "data.cache"},
                    fmt::format("a vocabulary of the cache {}: {}", fault, kMakeCacheAnew), ErrorKind::kModel);
  }
}

bool is_cache_file(const std::string& name) {
  constexpr std::string_view kPart = "part-";
  if (name.find('/') != std::string::npos) return false;
  if (name == kCacheManifest || TextSide::is_file_of("source", name) || TextSide::is_file_of("target", name))
    return true;
  if (!name.starts_with(kPart) || name.find_first_not_of("0123456789", kPart.size()) != std::string::npos) return false;
  return name == part_name(std::strtoul(name.c_str() + kPart.size(), nullptr, 10));
}

std::string part_name(std::size_t number) { return fmt::format("part-{:06}", number); }

std::map<std::string, std::string> cache_keys(const DataOptions& options, bool copies) {
  DataOptions copy = options;
  Settings settings;
  copy.describe(settings);
  std::map<std::string, std::string> out;
  for (const std::string& key : settings.keys()) {
    if (!decides_no_ids(key)) out[key] = settings.value(key);
  }
  out["data.held_out"] = options.validation.empty() ? settings.value("data.held_out") : "none, for data.validation";
  out["data.train"] = roles_of_files(options);
  out["a model that copies"] = copies ? "true" : "false";
  return out;
}

std::vector<CachedFile> cache_files(const DataOptions& options) {
  std::vector<CachedFile> out;
  for (const CorpusFiles& corpus : options.corpora()) {
    for (const std::string& path : {corpus.source, corpus.target, corpus.tsv, corpus.alignment}) {
      if (!path.empty()) out.push_back(CachedFile::of(path));
    }
  }
  return out;
}

void check_made_of(const CacheManifest& manifest, const fs::path& folder, const DataOptions& options, bool copies) {
  const std::vector<CachedFile> now = cache_files(options);
  if (now.size() != manifest.files.size()) {
    throw other_cache(
        folder, fmt::format("was made of {} files of text, the config names {}", manifest.files.size(), now.size()));
  }
  for (const auto& [key, value] : cache_keys(options, copies)) {
    const auto found = manifest.keys.find(key);
    const std::string then = found == manifest.keys.end() ? "" : found->second;
    if (then == value) continue;
    throw other_cache(folder, fmt::format("was made with '{0}: {1}', the config says '{0}: {2}'", key, then, value));
  }
  for (std::size_t i = 0; i < now.size(); ++i) check_file(manifest.files[i], now[i], folder);
}

}  // namespace heed

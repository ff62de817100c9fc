#pragma once
#include <filesystem>

#include "cache_manifest.h"
#include "heed/data/pair_cache.h"

namespace heed {

/// Makes the parts of a cache whose manifest and vocabularies stand in `folder`, those that are not there yet, and
/// gives the manifest what they hold. Says now and then how far it is.
void make_parts(const CacheRequest& request, const std::filesystem::path& folder, CacheManifest& manifest,
                const LogSink& log);

}  // namespace heed

#pragma once
#include "cache_manifest.h"
#include "heed/data/pair_cache.h"

namespace heed {

/// Makes the cache that a request asks for, or goes on with one that is incomplete.
///
/// First all pairs are read once: a fault of the text ends it before long work, and a sample of the pairs is drawn, of
/// which the vocabularies are made. The folder then stands, with a manifest that says that it is incomplete. Then all
/// are read again, cut into tokens by all threads, and written in parts of as many pairs; a part stands whole or not at
/// all, and one that stands is not made again. Memory: the sample, and the text and ids of a part for each thread. With
/// `drop` for duplicates also 42 bytes for each pair.
void make_cache(const CacheRequest& request, const LogSink& log);

}  // namespace heed

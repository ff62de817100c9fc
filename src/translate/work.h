#pragma once
#include <functional>
#include <vector>

namespace heed {

/// Batches of sentences of similar length for `threads` workers, at most `batch_sentences` in each, and not so many of
/// long ones that memory would grow with their length.
std::vector<std::vector<int>> cut_batches(const std::vector<int>& lengths, int batch_sentences, int threads);

/// As many sentences as are worth decoding together: with more, products get no faster, and what is computed between
/// them leaves the processor's caches.
int sentences_at_once(int beam);

/// Work of one batch: the indices of its sentences.
using BatchWork = std::function<void(const std::vector<int>& batch)>;
/// Calls for each worker make_worker() in its own thread, then what that made for its batches: every n-th, so that each
/// gets short and long ones.
void run_batches(const std::vector<std::vector<int>>& batches, int threads,
                 const std::function<BatchWork()>& make_worker);

}  // namespace heed

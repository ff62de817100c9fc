#pragma once
#include <deque>
#include <mutex>
#include <span>
#include <vector>

namespace heed {

/// Ids that stay until the test program ends: an Example only refers to its own. Of any thread.
inline std::span<const int> kept(std::vector<int> ids) {
  static std::mutex mutex;
  static std::deque<std::vector<int>> all;
  const std::lock_guard lock(mutex);
  return all.emplace_back(std::move(ids));
}

}  // namespace heed

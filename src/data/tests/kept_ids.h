#pragma once
#include <deque>
#include <span>
#include <vector>

namespace heed {

/// Ids that stay until the test program ends: an Example only refers to its own.
inline std::span<const int> kept(std::vector<int> ids) {
  static std::deque<std::vector<int>> all;
  return all.emplace_back(std::move(ids));
}

}  // namespace heed

#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace heed {

/// Which of the pieces of work with these costs are the part's, 0 <= part < parts: each, the most expensive first, goes
/// to the part that has least. It holds until the thread's next call.
inline std::span<const int> fair_share(std::span<const double> cost, int part, int parts) {
  thread_local std::vector<int> order;
  thread_local std::vector<double> load;
  thread_local std::vector<int> out;
  order.resize(cost.size());
  std::iota(order.begin(), order.end(), 0);
  const auto cost_of = [&](int i) { return cost[static_cast<std::size_t>(i)]; };
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return cost_of(a) != cost_of(b) ? cost_of(a) > cost_of(b) : a < b; });
  load.assign(static_cast<std::size_t>(parts), 0.0);
  out.clear();
  for (const int i : order) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += cost_of(i);
    if (least - load.begin() == part) out.push_back(i);
  }
  return out;
}

}  // namespace heed

#include "heed/base/processors.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cgroup.h"

namespace heed {
namespace {

constexpr int kMost = 256;

int in_affinity_mask() {
  std::array<cpu_set_t, 16> sets = {};  // of 16,384 processors
  if (sched_getaffinity(0, sizeof(sets), sets.data()) != 0) return all_processors();
  return CPU_COUNT_S(sizeof(sets), sets.data());
}

}  // namespace

int all_processors() { return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN))); }

std::string share_of_processors(int threads) {
  const int all = all_processors();
  return fmt::format("{} {} {} processors", threads, threads <= all ? "of" : "threads on", all);
}

std::string processors_text() {
  std::array<cpu_set_t, 16> sets = {};
  if (sched_getaffinity(0, sizeof(sets), sets.data()) != 0) return "all";
  std::string out;
  for (std::size_t i = 0; i < 8 * sizeof(sets); ++i) {
    if (CPU_ISSET_S(i, sizeof(sets), sets.data())) out += fmt::format("{},", i);
  }
  return out;
}

int usable_processors() {
  const double quota = std::ceil(cgroup_processors());
  return static_cast<int>(std::clamp(std::min<double>(in_affinity_mask(), quota), 1.0, double{kMost}));
}

}  // namespace heed

#include "cgroup.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::infinity();

// "max 100000" or "150000 100000".
double unified_quota(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period && quota > 0 && period > 0 ? quota / period : kNone;
}

// -1 is no quota.
double legacy_quota(const fs::path& group) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  return quota_file >> quota && period_file >> period && quota > 0 && period > 0 ? quota / period : kNone;
}

// The least of a group and those above it. A path that is the host's is not there in a container, whose own group is
// then the mount point.
double least(const fs::path& mount, const std::string& path, double (*quota)(const fs::path&)) {
  double out = quota(mount);
  fs::path group = mount;
  for (const fs::path& part : fs::path(path).relative_path()) {
    if (part == "..") break;
    group /= part;
    out = std::min(out, quota(group));
  }
  return out;
}

bool has_cpu(const std::string& controllers) { return ("," + controllers + ",").find(",cpu,") != std::string::npos; }

}  // namespace

double cgroup_processors(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  double out = kNone;
  for (std::string line; std::getline(groups, line);) {  // number:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) out = std::min(out, least(mounts, path, unified_quota));
    if (!has_cpu(controllers)) continue;
    for (const std::string& mount : {controllers, std::string("cpu")}) {
      out = std::min(out, least(mounts / mount, path, legacy_quota));
    }
  }
  return out;
}

}  // namespace heed

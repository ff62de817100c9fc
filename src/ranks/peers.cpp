#include "peers.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fmt/format.h"
#include "heed/base/host_and_time.h"

namespace heed {
namespace {

// Processes that see each other's numbers: of the same boot, and the same namespace of processes.
std::string machine() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code unknown;
  return boot + "/" + std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
}

int descriptor_of(int process) {
#ifdef SYS_pidfd_open
  return static_cast<int>(syscall(SYS_pidfd_open, process, 0));
#else
  return -1;
#endif
}

}  // namespace

std::string Peers::own() { return fmt::format("{} {} {}", getpid(), host_name(), machine()); }

Peers::Peers(const std::vector<std::string>& all) {
  const std::string here = machine();
  for (const std::string& text : all) {
    int process = 0;
    std::string host, where;
    std::istringstream(text) >> process >> host >> where;
    peers_.push_back({fmt::format("process {} on {}", process, host),
                      where == here && process != getpid() ? descriptor_of(process) : -1});
  }
}

Peers::~Peers() {
  for (const Peer& peer : peers_) {
    if (peer.descriptor >= 0) close(peer.descriptor);
  }
}

bool Peers::is_known_dead(int rank) const {
  const int descriptor = peers_[static_cast<std::size_t>(rank)].descriptor;
  pollfd ended{descriptor, POLLIN, 0};
  return descriptor >= 0 && poll(&ended, 1, 0) > 0;
}

std::string Peers::name_of(int rank) const {
  return fmt::format("rank {} ({})", rank, peers_[static_cast<std::size_t>(rank)].name);
}

}  // namespace heed

#pragma once
#include <string>
#include <vector>

namespace heed {

/// The processes of a training as the system knows them: of those on this machine, whether they live.
class Peers {
 public:
  /// Of this process, for the others.
  static std::string own();
  /// Of all, by rank.
  explicit Peers(const std::vector<std::string>& all);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// False of one on another machine.
  bool is_known_dead(int rank) const;
  /// "rank 1 (process 4711 on host)"
  std::string name_of(int rank) const;

 private:
  struct Peer {
    std::string name;
    int descriptor = -1;  // readable once the process has ended; -1: on another machine
  };
  std::vector<Peer> peers_;
};

}  // namespace heed

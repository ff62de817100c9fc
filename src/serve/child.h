#pragma once
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace heed::serve {

/// A program that is run beside the server: with less priority, since answers come first, without its sockets and
/// signals, and as one process even where the server is one of several (mpirun, srun).
struct Child {
  std::vector<std::string> words;  ///< its path and arguments
  std::string output;              ///< file that gets what it says
  std::chrono::milliseconds most;  ///< of time; then it is ended
};

/// Runs it to its end. Returns its exit status, or 128 and the signal that ended it. Throws Error if it cannot be
/// begun, or takes too long, and Cancelled where `stop` is set meanwhile, which ends it.
int run(const Child& child, const std::atomic<bool>& stop);

}  // namespace heed::serve

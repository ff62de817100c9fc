#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct Outgoing {
  int to;
  std::span<const std::byte> bytes;
};
struct Incoming {
  int from;
  std::span<std::byte> bytes;
};

/// What a process told the others before it ended.
struct ToldEnd {
  int rank;
  int status;  ///< of its exit
};

/// What carries bytes between the processes of a training, by whatever library. Messages between two processes arrive
/// in the order in which they were sent; all is called by one thread.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// Begins to send and to receive; the bytes must stay where they are until that is done.
  virtual void begin(std::span<const Outgoing> out, std::span<const Incoming> in) = 0;
  /// Goes on with what was begun. Returns a rank that it still waits for, or -1 where all is done.
  virtual int waits_for() = 0;
  /// Tells all others, who may be waiting for something else.
  virtual void tell_end(int status) = 0;
  virtual std::optional<ToldEnd> told_end() = 0;
  /// All are at the end of their work.
  virtual void finish() = 0;
};

}  // namespace heed

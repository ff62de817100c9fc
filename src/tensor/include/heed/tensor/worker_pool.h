#pragma once
#include <functional>
#include <memory>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Threads kept between calls. Work is split by worker number, not by timing, so that results do not depend on it.
class WorkerPool {
 public:
  /// `workers` >= 1; with one, work runs in the calling thread. Throws Error if threads cannot be started.
  explicit WorkerPool(int workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const;
  /// Calls work(0) ... work(size - 1), each in its own thread, and returns when all are done. Rethrows the first
  /// exception (by worker number).
  void run(const std::function<void(int worker)>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heed

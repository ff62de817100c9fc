#pragma once
#include <functional>
#include <memory>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Sets the calling thread's OpenMP loops, and so oneDNN's products, to one thread from then on. Call it once in each
/// thread that computes: compiled products depend on the number of threads.
void use_one_thread();

/// Threads kept between calls, each with its own compiled products. Work is split by worker number, not by timing, so
/// that results do not depend on it.
class WorkerPool {
 public:
  /// `workers` >= 1; with one, work runs in the calling thread. Throws Error if threads cannot be started.
  explicit WorkerPool(int workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const;
  /// Calls work(0) ... work(size - 1), each in its own thread, and returns when all are done. Rethrows the first
  /// exception (by worker number). Meanwhile OpenMP loops of the calling thread use one thread too.
  void run(const std::function<void(int worker)>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heed

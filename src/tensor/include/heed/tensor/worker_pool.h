#pragma once
#include <functional>
#include <memory>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// OpenMP loops of the calling thread, and oneDNN's products with them, have one thread from then on. To be called once
/// in each thread that computes: the number of threads is built into compiled products.
void use_one_thread();

/// Threads that stay, each with its own compiled products. The work of one call is split by worker number, never by
/// whoever comes first, so that results do not depend on timing.
class WorkerPool {
 public:
  /// `workers` >= 1; with one, work runs in the calling thread. Throws Error if the threads can not be started.
  explicit WorkerPool(int workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const;
  /// Calls work(0) ... work(size - 1), each in its own thread, and returns when all are done. The first exception (by
  /// worker number) is thrown again here. Meanwhile OpenMP loops of the calling thread have one thread too.
  void run(const std::function<void(int worker)>& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heed

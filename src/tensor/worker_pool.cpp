#include "heed/tensor/worker_pool.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "heed/tensor/kernels/matmul.h"

namespace heed {

struct WorkerPool::Impl {
  std::mutex mutex;
  std::condition_variable start;
  std::condition_variable done;
  const std::function<void(int)>* work = nullptr;
  long generation = 0;
  int running = 0;
  bool stop = false;
  std::vector<std::exception_ptr> errors;
  std::vector<std::thread> threads;  // workers 1 and up; worker 0 is the caller

  void call(int worker) {
    try {
      (*work)(worker);
    } catch (...) {
      errors[static_cast<std::size_t>(worker)] = std::current_exception();
    }
  }

  void loop(int worker) {
    use_one_thread();
    long seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      start.wait(lock, [&] { return stop || generation != seen; });
      if (stop) return;
      seen = generation;
      lock.unlock();
      call(worker);
      lock.lock();
      if (--running == 0) done.notify_one();
    }
  }
};

WorkerPool::WorkerPool(int workers) : impl_(std::make_unique<Impl>()) {
  use_one_thread();
  impl_->errors.resize(static_cast<std::size_t>(workers));
  for (int worker = 1; worker < workers; ++worker) {
    impl_->threads.emplace_back([this, worker] { impl_->loop(worker); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->start.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

int WorkerPool::size() const { return static_cast<int>(impl_->errors.size()); }

void WorkerPool::run(const std::function<void(int)>& work) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->work = &work;
    impl_->running = static_cast<int>(impl_->threads.size());
    ++impl_->generation;
    for (std::exception_ptr& error : impl_->errors) error = nullptr;
  }
  impl_->start.notify_all();
  impl_->call(0);
  {
    std::unique_lock lock(impl_->mutex);
    impl_->done.wait(lock, [&] { return impl_->running == 0; });
  }
  for (const std::exception_ptr& error : impl_->errors) {
    if (error != nullptr) std::rethrow_exception(error);
  }
}

}  // namespace heed

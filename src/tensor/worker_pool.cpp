#include "heed/tensor/worker_pool.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/tensor/work_clock.h"

namespace heed {
namespace {

// The next work, or the end of this, is mostly near: to sleep and be woken takes longer than a short update's products.
template <typename Condition>
bool comes_soon(const Condition& condition) {
  constexpr int kTries = 4000;  // some tens of microseconds
  for (int i = 0; i < kTries; ++i) {
    if (condition()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
  }
  return false;
}

}  // namespace

struct WorkerPool::Impl {
  std::mutex mutex;
  std::condition_variable start;
  std::condition_variable done;
  const std::function<void(int)>* work = nullptr;
  // Written under the mutex, or followed by a lock of it, so that nobody who goes to sleep misses them.
  std::atomic<long> generation = 0;
  std::atomic<int> running = 0;
  std::atomic<bool> stop = false;
  std::vector<std::exception_ptr> errors;
  std::vector<std::thread> threads;  // workers 1 and up; worker 0 is the caller

  void call(int worker) {
    try {
      (*work)(worker);
    } catch (...) {
      errors[static_cast<std::size_t>(worker)] = std::current_exception();
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    start.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  template <typename Condition>
  void wait_until(std::condition_variable& told, const Condition& condition, const char* for_what) {
    const WorkScope scope(WorkKind::kWaiting, for_what);
    if (comes_soon(condition)) return;
    std::unique_lock lock(mutex);
    told.wait(lock, condition);
  }

  void loop(int worker) {
    long seen = 0;
    const auto called = [&] { return stop || generation != seen; };
    for (;;) {
      wait_until(start, called, "waiting for work");
      if (stop) return;
      seen = generation;
      call(worker);
      if (--running > 0) continue;
      const std::lock_guard lock(mutex);
      done.notify_one();
    }
  }
};

WorkerPool::WorkerPool(int workers) : impl_(std::make_unique<Impl>()) {
  impl_->errors.resize(static_cast<std::size_t>(workers));
  impl_->threads.reserve(static_cast<std::size_t>(workers));
  try {
    for (int worker = 1; worker < workers; ++worker) {
      impl_->threads.emplace_back([impl = impl_.get(), worker] { impl->loop(worker); });
    }
  } catch (const std::system_error& error) {
    impl_->end();
    throw Error(ErrorKind::kSystem, fmt::format("cannot start {} threads: {}", workers, error.code().message()));
  }
}

WorkerPool::~WorkerPool() { impl_->end(); }

int WorkerPool::size() const { return static_cast<int>(impl_->errors.size()); }

void WorkerPool::run(const std::function<void(int)>& work) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->work = &work;
    impl_->running = static_cast<int>(impl_->threads.size());
    for (std::exception_ptr& error : impl_->errors) error = nullptr;
    ++impl_->generation;  // last: who waits awake for it sees, and uses, all of the above
  }
  impl_->start.notify_all();
  impl_->call(0);
  impl_->wait_until(
      impl_->done, [&] { return impl_->running == 0; }, "waiting for other threads");
  for (const std::exception_ptr& error : impl_->errors) {
    if (error != nullptr) std::rethrow_exception(error);
  }
}

}  // namespace heed

#pragma once
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "job.h"
#include "metrics.h"

namespace heed::serve {

struct QueueOptions {
  int threads = 1;
  int batch = 32;                           ///< sentences that are answered together, at most
  std::chrono::microseconds batch_wait{0};  ///< how long a sentence waits for others to come, where there are fewer
  std::size_t most_lines = 1000;            ///< that wait; more are refused
  int most_tokens = 200;                    ///< of a source sentence; 0: no limit
};

/// Sentences of all requests wait here until a worker is free, which takes the oldest, and with it its share of those
/// that go with it, the ones that are about as long: so the busier the server is, the larger are its batches.
class JobQueue {
 public:
  JobQueue(QueueOptions options, Metrics& metrics);
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Throws Problem 429 if there are too many already, 413 if there could never be so many, 503 after end().
  void add(const std::shared_ptr<Job>& job);
  /// Fails what waits, and what is computed now, and joins the workers.
  void end();
  /// Ends what is past its time; to be called now and then.
  void end_what_is_late();
  std::size_t waiting() const;

 private:
  using Clock = Job::Clock;
  struct Entry {
    std::shared_ptr<Job> job;
    std::size_t line = 0;
    Clock::time_point since;
    const JobLine& text() const { return job->lines[line]; }
  };
  struct Call {  // that a worker is busy with
    Clock::time_point deadline;
    std::atomic<bool> stop{false};
  };

  class UnderWay;

  void work();
  bool is_ending() const;
  std::vector<Entry> take();
  std::deque<Entry>::const_iterator first_due() const;
  std::size_t share(std::size_t alike) const;
  std::vector<Entry> take_like(std::size_t oldest);
  void answer(std::span<Entry> batch);
  std::vector<std::string> computed(std::span<Entry> batch);
  std::vector<std::string> compute(std::span<Entry> batch, const std::atomic<bool>& stop);
  std::vector<std::string> translate(std::span<Entry> batch, const std::atomic<bool>& stop);
  std::vector<std::string> score(std::span<Entry> batch, const std::atomic<bool>& stop) const;
  std::vector<std::string> align(std::span<Entry> batch, const std::atomic<bool>& stop) const;
  ScoreOptions score_options(const Entry& first, const std::atomic<bool>& stop) const;

  const QueueOptions options_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  std::list<Call> calls_;
  bool ends_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace heed::serve

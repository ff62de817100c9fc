#pragma once
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "heed/ranks/ranks.h"

namespace heed {

/// Ranks that are threads of one process, which leave each other messages here.
class LocalMail {
 public:
  explicit LocalMail(int size) : size_(size) {}
  int size() const { return size_; }
  void leave(int from, int to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    messages_[{from, to}].emplace_back(bytes.begin(), bytes.end());
  }
  bool take(int from, int to, std::span<std::byte> into) {
    const std::lock_guard lock(mutex_);
    auto& waiting = messages_[{from, to}];
    if (waiting.empty()) return false;
    if (waiting.front().size() != into.size()) throw Error("a message of another size");
    std::copy(waiting.front().begin(), waiting.front().end(), into.begin());
    waiting.pop_front();
    return true;
  }
  void tell_end(ToldEnd end) {
    const std::lock_guard lock(mutex_);
    if (!end_) end_ = end;
  }
  std::optional<ToldEnd> told_end() {
    const std::lock_guard lock(mutex_);
    return end_;
  }

 private:
  const int size_;
  std::mutex mutex_;
  std::map<std::pair<int, int>, std::deque<std::vector<std::byte>>> messages_;
  std::optional<ToldEnd> end_;
};

class LocalTransport : public Transport {
 public:
  LocalTransport(LocalMail& mail, int rank) : mail_(mail), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return mail_.size(); }
  void begin(std::span<const Outgoing> out, std::span<const Incoming> in) override {
    for (const Outgoing& message : out) mail_.leave(rank_, message.to, message.bytes);
    for (const Incoming& message : in) waiting_.push_back(message);
  }
  int waits_for() override {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      if (!mail_.take(waiting_.front().from, rank_, waiting_.front().bytes)) return waiting_.front().from;
    }
    return -1;
  }
  void tell_end(int status) override { mail_.tell_end({rank_, status}); }
  std::optional<ToldEnd> told_end() override {
    const auto told = mail_.told_end();
    return told && told->rank != rank_ ? told : std::nullopt;
  }
  void finish() override {}

 private:
  LocalMail& mail_;
  const int rank_;
  std::deque<Incoming> waiting_;
};

/// Calls work with each of `size` ranks, each in its own thread.
inline void in_ranks(int size, const std::function<void(Ranks&)>& work) {
  LocalMail mail(size);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([&mail, &work, rank] {
      Ranks ranks(std::make_unique<LocalTransport>(mail, rank));
      work(ranks);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace heed

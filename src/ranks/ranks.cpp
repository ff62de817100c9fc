#include "heed/ranks/ranks.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "fmt/format.h"
#include "peers.h"

namespace heed {
namespace {

constexpr std::chrono::minutes kPatience(10);
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// Whether others told, or are gone.
bool ends_here(const std::exception_ptr& fault) try { std::rethrow_exception(fault); } catch (const EndedElsewhere&) {
  return true;
} catch (const RankLost&) {
  return true;
} catch (...) {
  return false;
}

int status_of(const std::exception_ptr& fault) try {
  if (fault != nullptr) std::rethrow_exception(fault);
  return 0;
} catch (const UsageError&) {
  return kWrongUsage;
} catch (...) {
  return kFailed;
}

}  // namespace

Ranks::Ranks(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)), rank_(transport_->rank()), size_(transport_->size()), patience_(kPatience) {
  peers_ = std::make_unique<Peers>(gather(Peers::own()));
}

Ranks::~Ranks() = default;

void Ranks::start_clock() {
  started_ = Clock::now();
  seconds_ = 0;
}

void Ranks::exchange(std::span<const Outgoing> out, std::span<const Incoming> in) {
  for (const Outgoing& message : out) sent_ += static_cast<long long>(message.bytes.size());
  transport_->begin(out, in);
  wait();
}

std::span<const double> Ranks::gather(std::span<const double> own) {
  // Before the numbers: whether to stop, and what the clock says.
  constexpr std::size_t kHead = 2;
  const std::size_t count = own.size() + kHead;
  sending_.assign(
      {own_stop_ != nullptr && *own_stop_ ? 1.0 : 0.0, std::chrono::duration<double>(Clock::now() - started_).count()});
  sending_.insert(sending_.end(), own.begin(), own.end());
  received_.resize(count * static_cast<std::size_t>(size_));
  const auto place = [&](int rank) {
    return std::span(received_).subspan(static_cast<std::size_t>(rank) * count, count);
  };
  std::copy(sending_.begin(), sending_.end(), place(rank_).begin());
  out_.clear();
  in_.clear();
  for (int other = 0; other < size_; ++other) {
    if (other == rank_) continue;
    out_.push_back({other, std::as_bytes(std::span(sending_))});
    in_.push_back({other, std::as_writable_bytes(place(other))});
  }
  exchange(out_, in_);
  gathered_.clear();
  for (int rank = 0; rank < size_; ++rank) {
    if (place(rank)[0] != 0) stop_ = true;
    gathered_.insert(gathered_.end(), place(rank).begin() + kHead, place(rank).end());
  }
  seconds_ = place(0)[1];
  return gathered_;
}

std::vector<std::string> Ranks::gather(const std::string& own) {
  const auto length = static_cast<double>(own.size());
  const std::span<const double> lengths = gather(std::span(&length, 1));
  std::vector<std::string> out(static_cast<std::size_t>(size_));
  out_.clear();
  in_.clear();
  for (int other = 0; other < size_; ++other) {
    std::string& text = out[static_cast<std::size_t>(other)];
    if (other == rank_) {
      text = own;
      continue;
    }
    text.resize(static_cast<std::size_t>(lengths[static_cast<std::size_t>(other)]));
    out_.push_back({other, std::as_bytes(std::span(own))});
    in_.push_back({other, std::as_writable_bytes(std::span(text))});
  }
  exchange(out_, in_);
  return out;
}

std::string Ranks::from_leader(const std::string& text) { return gather(leads() ? text : std::string()).front(); }

void Ranks::from_leader(std::span<std::byte> bytes) {
  out_.clear();
  in_.clear();
  if (!leads()) in_.push_back({0, bytes});
  for (int other = 1; leads() && other < size_; ++other) out_.push_back({other, bytes});
  exchange(out_, in_);
}

void Ranks::check_same(const std::string& what, const std::string& own) {
  const std::vector<std::string> all = gather(own);
  const auto other = std::find_if(all.begin(), all.end(), [&](const std::string& text) { return text != all.front(); });
  if (other == all.end()) return;
  if (!leads()) throw EndedElsewhere(kFailed);
  const auto rank = static_cast<int>(other - all.begin());
  // What is short tells more than that it differs.
  constexpr std::size_t kShort = 40;
  const bool tell = all.front().size() <= kShort && other->size() <= kShort;
  throw Error(ErrorKind::kSystem,
              fmt::format("{} of rank 0 is not that of {}{}: the processes of a training must have the same", what,
                          peers_->name_of(rank), tell ? fmt::format(" ({}, {})", all.front(), *other) : ""));
}

void Ranks::agree(const std::exception_ptr& fault) {
  if (fault != nullptr && (telling_ || ends_here(fault))) std::rethrow_exception(fault);  // all know
  const double own = status_of(fault);
  const std::span<const double> all = gather(std::span(&own, 1));
  const auto first = std::find_if(all.begin(), all.end(), [](double status) { return status != 0; });
  if (first == all.end()) return;
  if (first - all.begin() != rank_) throw EndedElsewhere(static_cast<int>(*first));
  telling_ = true;  // they know
  // What rank 0 alone does is nobody else's: where that is, is where the line is read.
  const bool fails_in_all = std::ranges::none_of(all, [](double status) { return status == 0; });
  if (leads() || fails_in_all) std::rethrow_exception(fault);
  rethrow_of_this(fault);
}

void Ranks::rethrow_of_this(const std::exception_ptr& fault) const try {
  std::rethrow_exception(fault);
} catch (const UsageError& error) {
  throw UsageError(fmt::format("{}: {}", peers_->name_of(rank_), error.what()), error.place(), error.kind());
} catch (const Error& error) {
  throw Error(error.kind(), fmt::format("{}: {}", peers_->name_of(rank_), error.what()), error.place());
}

void Ranks::end_with(int status) {
  if (telling_) return;
  // What fails in all is told by the lowest.
  constexpr std::chrono::milliseconds kOfOne(300), kPause(2);
  const auto until = Clock::now() + kOfOne * rank_;
  while (rank_ > 0 && Clock::now() < until) {
    throw_if_told();
    if (transport_->waits_for() < 0) std::this_thread::sleep_for(kPause);
  }
  telling_ = true;
  transport_->tell_end(status);
}

void Ranks::finish() {
  (void)gather(std::span<const double>());
  transport_->finish();
}

void Ranks::wait() {
  constexpr int kTries = 200;
  constexpr std::chrono::milliseconds kAwake(20), kLook(20);
  constexpr std::chrono::microseconds kPause(100);
  const auto began = Clock::now();
  auto looked = began;
  for (int tries = 0;; ++tries) {
    const int missing = transport_->waits_for();
    if (missing < 0) return;
    if (tries < kTries) continue;
    tries = kTries;
    const auto now = Clock::now();
    // Who waits long lets others compute; who is awake lets them too, where there are more ranks than processors.
    if (now - began < kAwake) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kPause);
    }
    if (now - looked < kLook) continue;
    looked = now;
    look(missing, now - began);
  }
}

void Ranks::throw_if_told() const {
  if (const auto told = transport_->told_end()) throw EndedElsewhere(told->status);
}

void Ranks::look(int missing, Clock::duration waited) {
  throw_if_told();
  if (peers_ == nullptr) return;
  for (int other = 0; other < size_; ++other) {
    if (other != rank_ && peers_->is_known_dead(other)) lost(peers_->name_of(other) + " ended without a word", other);
  }
  if (waited < patience_) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited).count();
  lost(fmt::format("{} has not answered for {} s (training.mpi.patience)", peers_->name_of(missing), seconds), missing);
}

// The lowest that is left tells; the others give those before them time for it.
void Ranks::lost(const std::string& message, int rank) {
  constexpr std::chrono::milliseconds kOfOne(200), kPause(2);
  int lower = 0;
  for (int other = 0; other < rank_; ++other) lower += other == rank || peers_->is_known_dead(other) ? 0 : 1;
  for (const auto until = Clock::now() + kOfOne * lower; Clock::now() < until;) {
    throw_if_told();
    std::this_thread::sleep_for(kPause);
  }
  telling_ = true;
  transport_->tell_end(kFailed);
  throw RankLost(message);
}

}  // namespace heed

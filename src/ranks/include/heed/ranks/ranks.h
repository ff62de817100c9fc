#pragma once
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/base/error.h"
#include "heed/base/export.h"
#include "heed/ranks/transport.h"

namespace HEED_ENGINE_API heed {

class Peers;

/// Another process of this training is gone, or does not answer. Thrown by one of those that are left.
class RankLost : public Error {
 public:
  explicit RankLost(const std::string& message) : Error(ErrorKind::kSystem, message) {}
};

/// Another process of this training told why all end; nothing is left to say. No Error: nothing failed here.
class EndedElsewhere : public std::exception {
 public:
  explicit EndedElsewhere(int status) : status_(status) {}
  const char* what() const noexcept override { return "another process of this training ended it"; }
  int status() const { return status_; }

 private:
  int status_;
};

/// The processes that train together, seen from one of them. All call the same functions in the same order. In each,
/// who waits for one that has died, or for longer than patience(), throws RankLost in the lowest that is left and
/// EndedElsewhere in the others.
class Ranks {
 public:
  explicit Ranks(std::unique_ptr<Transport> transport);
  ~Ranks();

  int rank() const { return rank_; }
  int size() const { return size_; }
  /// Whether this one writes, validates and tells.
  bool leads() const { return rank_ == 0; }
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

  /// What asks this process to stop.
  void watch(const std::atomic<bool>& stop) { own_stop_ = &stop; }
  /// Whether any was asked to stop, up to the last gather(): the same in all.
  const std::atomic<bool>& stop() const { return stop_; }
  /// The leader's clock at the last gather(), in seconds: the same in all.
  double seconds() const { return seconds_; }
  /// Lets only gather()s move seconds() on: it begins with 0.
  void start_clock();

  /// Sends to and receives from others.
  void exchange(std::span<const Outgoing> out, std::span<const Incoming> in);
  /// The numbers of all, those of rank 0 first; all give as many. They hold until the next call.
  std::span<const double> gather(std::span<const double> own);
  /// The texts of all.
  std::vector<std::string> gather(const std::string& own);
  /// The leader's.
  std::string from_leader(const std::string& text);
  void from_leader(std::span<std::byte> bytes);
  bool from_leader(bool value) { return from_leader(std::string(value ? "1" : "")) == "1"; }

  /// Does what all have to succeed in, and waits for all. If it failed, the lowest that did throws what it threw, all
  /// others EndedElsewhere; an Error says which rank it is where others did not fail. Within the work no more is asked
  /// of the others than again this.
  template <typename Work>
  std::invoke_result_t<Work> together(const Work& work) {
    std::exception_ptr fault;
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
      try {
        work();
      } catch (...) {
        fault = std::current_exception();
      }
      agree(fault);
    } else {
      std::optional<std::invoke_result_t<Work>> out;
      try {
        out.emplace(work());
      } catch (...) {
        fault = std::current_exception();
      }
      agree(fault);
      return std::move(*out);
    }
  }
  /// All give the same text, or all end: rank 0 throws an Error that says that `what` differs, and between which ranks.
  void check_same(const std::string& what, const std::string& own);

  /// Before this process ends by a failure: tells the others, unless a lower one told first. Then it throws
  /// EndedElsewhere.
  void end_with(int status);
  /// All are at the end of their work: also of the library that carried their messages.
  void finish();

  /// What this process sent so far.
  long long bytes_sent() const { return sent_; }

 private:
  using Clock = std::chrono::steady_clock;
  void agree(const std::exception_ptr& fault);
  [[noreturn]] void rethrow_of_this(const std::exception_ptr& fault) const;
  void wait();
  void look(int missing, Clock::duration waited);
  void throw_if_told() const;
  [[noreturn]] void lost(const std::string& message, int rank);

  std::unique_ptr<Transport> transport_;
  const int rank_, size_;
  std::chrono::milliseconds patience_;
  const std::atomic<bool>* own_stop_ = nullptr;
  std::atomic<bool> stop_ = false;
  Clock::time_point started_ = Clock::now();
  double seconds_ = 0;
  std::vector<double> sending_, received_, gathered_;
  std::vector<Outgoing> out_;
  std::vector<Incoming> in_;
  std::unique_ptr<Peers> peers_;
  bool telling_ = false;  // this one has told that all end
  long long sent_ = 0;
};

/// How the environment says that a program started this process as one of several.
struct Launch {
  std::string by;  ///< "mpirun"
  int rank = 0;
  int size = 1;
  const char* needs = nullptr;  ///< a variable of the environment without which its processes do not find each other
};
/// None: it was started alone. From OMPI_COMM_WORLD_* (mpirun), PMI_* (other MPIs' mpirun), SLURM_* (srun).
Launch launch_of_environment();

/// The other processes; nullptr where this one was started alone. Throws Error, in each process, where this program was
/// built without OpenMPI, or where that does not see as many as were started.
std::unique_ptr<Ranks> open_ranks();

}  // namespace heed

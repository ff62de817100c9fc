#include "in_ranks.h"

#include <memory>
#include <span>

#include "heed/base/error.h"
#include "stop_signals.h"

namespace heed::app {
namespace {

constexpr int kFailed = 1;  // exit statuses
constexpr int kWrongUsage = 2;
constexpr int kSignalled = 128;

// What rules it out does so in each process: the first tells.
std::unique_ptr<Ranks> opened() try { return open_ranks(); } catch (const Error&) {
  if (launch_of_environment().rank > 0) throw EndedElsewhere(kFailed);
  throw;
}

}  // namespace

void in_ranks(const std::function<void(Ranks*)>& work) {
  const std::unique_ptr<Ranks> ranks = opened();
  if (ranks == nullptr) return work(nullptr);
  try {
    work(ranks.get());
    ranks->finish();
  } catch (const EndedElsewhere&) {
    throw;
  } catch (const Interrupted&) {
    // All were, at once. Nobody waits for the others in MPI_Finalize: an mpirun that was stopped itself kills soon.
    const double own = stop_requested() ? stop_signal() : 0;
    for (const double signal : ranks->gather(std::span(&own, 1))) {
      if (own == 0 && signal != 0) take_stop_signal(static_cast<int>(signal));
    }
    if (ranks->leads()) throw;
    throw EndedElsewhere(kSignalled + stop_signal());
  } catch (const UsageError&) {
    ranks->end_with(kWrongUsage);
    throw;
  } catch (...) {
    ranks->end_with(kFailed);
    throw;
  }
}

}  // namespace heed::app

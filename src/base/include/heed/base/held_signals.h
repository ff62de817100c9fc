#pragma once
#include <csignal>
#include <initializer_list>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// For as long as it lives, signals that ask to stop (SIGINT, SIGTERM, SIGHUP) wait: whoever ends the process at once
/// on one leaves nothing behind that is removed again before long. Of this thread, which signals have to go to.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t stops;
    sigemptyset(&stops);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, signal);
    pthread_sigmask(SIG_BLOCK, &stops, &before_);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace heed

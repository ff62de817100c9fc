#pragma once
#include <csignal>
#include <initializer_list>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Blocks the stop signals (SIGINT, SIGTERM, SIGHUP) of this thread while it lives, so that a handler that ends the
/// process at once leaves no temporary file.
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

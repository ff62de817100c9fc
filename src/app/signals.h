#pragma once
#include <csignal>

namespace heed::app {

/// Has `handler` called on `signal`, with the flags of sigaction, on a stack of its own: without AVX-512, what handlers
/// wrote below the stack pointer while one of oneDNN's products ran destroyed memory, in one training of twenty.
/// Signals go to the main thread, which this is to be called from. Returns what was called before.
struct sigaction handle_signal(int signal, void (*handler)(int), int flags);

}  // namespace heed::app

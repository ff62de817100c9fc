#include "signals.h"

#include <array>

namespace heed::app {

struct sigaction handle_signal(int signal, void (*handler)(int), int flags) {
  static std::array<char, 65536> memory;
  stack_t stack = {};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_ONSTACK | flags;
  struct sigaction before = {};
  sigaction(signal, &action, &before);
  return before;
}

}  // namespace heed::app

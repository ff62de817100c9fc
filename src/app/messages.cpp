#include "messages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "heed/base/message.h"
#include "heed/base/utf8.h"

namespace heed::app {
namespace {

constexpr int kPatience = 1000;  // milliseconds that a full pipe which does not block is waited for, once

bool can_be_written_later() {
  static std::atomic<bool> stuck = false;
  pollfd one{STDERR_FILENO, POLLOUT, 0};
  if (poll(&one, 1, stuck ? 0 : kPatience) > 0) return true;
  stuck = true;
  return false;
}

}  // namespace

void tell(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN ? !can_be_written_later() : errno != EINTR) {
      return;
    }
  }
}

void warn(std::string_view text) { tell(fmt::format("heed: warning: {}\n", one_line(text))); }

std::string one_line(std::string_view message) {
  const std::string text = bounded_message(message);
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t valid = utf8::first_invalid(rest).value_or(rest.size());
    for (const std::string_view character : utf8::chars(rest.substr(0, valid))) {
      const char32_t c = utf8::decode(character);
      out += c < 0x20 || (c >= 0x7f && c < 0xa0) ? " " : character;
    }
    rest.remove_prefix(valid);
    if (rest.empty()) break;
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest.front()));
    rest.remove_prefix(1);
  }
  return out;
}

std::string fitted(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t width = 0;
  for (const std::string_view character : utf8::chars(text)) {
    width += utf8::display_width(character);
    if (width > columns) break;
    out += character;
  }
  return out;
}

void keep_standard_streams() noexcept {
  // The lowest free descriptor is the one that open() gives. Each is opened for what it is not used for.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
      [[maybe_unused]] const int opened = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

}  // namespace heed::app

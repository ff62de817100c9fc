#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "heed/base/error.h"
#include "http_server.h"

namespace heed::serve {
namespace {

constexpr int kWaiting = 1024;  // connections that were not taken yet

[[noreturn]] void fail(const std::string& where, int code) {
  throw Error(ErrorKind::kSystem, fmt::format("cannot listen on {}: {}", where, std::generic_category().message(code)));
}

/// Closes the socket where one fails.
int listening(int socket, const sockaddr* address, socklen_t size, const std::string& where) {
  if (socket != -1 && bind(socket, address, size) == 0 && listen(socket, kWaiting) == 0) return socket;
  const int code = errno;
  if (socket != -1) close(socket);
  fail(where, code);
}

}  // namespace

int listen_on(const std::string& address, int port) {
  const std::string where = fmt::format("{} port {}", address, port);
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found); fault != 0) {
    throw Error(ErrorKind::kSystem, fmt::format("cannot listen on {}: {}", where, gai_strerror(fault)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  for (const addrinfo* at = found;; at = at->ai_next) {
    const int out = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (out != -1) setsockopt(out, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    try {
      return listening(out, at->ai_addr, at->ai_addrlen, where);
    } catch (const Error&) {
      if (at->ai_next == nullptr) throw;
    }
  }
}

int port_of(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXSERV> port = {};
  // The layout of socket addresses is the system's.
  auto* place = reinterpret_cast<sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  if (getsockname(socket, place, &size) != 0) return 0;
  if (getnameinfo(place, size, nullptr, 0, port.data(), port.size(), NI_NUMERICSERV) != 0) return 0;
  return std::atoi(port.data());
}

int listen_on_path(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail(path, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  const auto* place =
      reinterpret_cast<const sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe == -1) fail(path, errno);
  const bool lives = connect(probe, place, sizeof address) == 0;
  const int why = errno;
  close(probe);
  if (lives) fail(path, EADDRINUSE);
  struct stat status = {};
  if (why == ECONNREFUSED && lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) unlink(path.c_str());
  // What is made has no rights for others from its first moment on.
  const mode_t before = umask(0177);
  const int out = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    listening(out, place, sizeof address, path);
  } catch (...) {
    umask(before);
    throw;
  }
  umask(before);
  return out;
}

}  // namespace heed::serve

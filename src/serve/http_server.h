#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "exchange.h"

struct MHD_Daemon;

namespace heed::serve {

struct HttpOptions {
  std::size_t most_body = std::size_t{1} << 20;     ///< bytes
  std::size_t most_bodies = std::size_t{64} << 20;  ///< bytes of all requests that are not read to their end
  std::chrono::milliseconds most_reading{30'000};   ///< from the end of a request's head to that of its body
  std::chrono::seconds most_idle{60};               ///< a connection that says nothing for so long is closed
  unsigned connections = 20000;                     ///< at once
  std::string certificate = {}, key = {};           ///< of TLS, in PEM; empty: none
};

/// HTTP/1.1 on libmicrohttpd: one thread waits for all connections (epoll), and no other one knows of it. What a
/// request waits for costs no thread: its connection is suspended until any thread gives the answer.
class HttpServer {
 public:
  struct Handlers {
    /// Looks at the head of a request, before its body is read; a response refuses it.
    std::function<std::optional<HttpResponse>(Exchange&)> admit;
    /// Gets the whole request, in the server's thread: what takes long is for other threads.
    std::function<void(const std::shared_ptr<Exchange>&)> handle;
    /// A connection was opened (1) or closed (-1).
    std::function<void(int)> connected;
    /// An exchange is over, in the server's thread.
    std::function<void(const Exchange&)> ended;
  };

  /// `socket`: one that listens, which becomes the server's. Throws Error if it cannot be served.
  HttpServer(int socket, HttpOptions options, Handlers handlers);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Takes no more connections, and waits until all that was begun is answered, or until the time is over.
  void drain(std::chrono::milliseconds most);
  /// Waits until no request is left whose answer has not been sent, or until the time is over.
  void wait_until_sent(std::chrono::milliseconds most);
  /// Ends connections whose request's head does not come to its end; to be called now and then.
  void close_slow_heads();

 private:
  struct Callbacks;  // of libmicrohttpd

  void begin(Exchange& exchange, MHD_Connection* connection);
  bool send(Exchange& exchange, MHD_Connection* connection);
  void end(Exchange& exchange, bool whole);
  std::optional<HttpResponse> refusal(Exchange& exchange) const;
  void take_body(const std::shared_ptr<Exchange>& exchange);
  void forget_body(Exchange& exchange);

  const HttpOptions options_;
  const Handlers handlers_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t open_ = 0;  // exchanges
  bool draining_ = false;
  std::map<MHD_Connection*, Exchange::Clock::time_point> waiting_;  // for the head of a request, since when
  std::size_t body_bytes_ = 0;  // in the server's thread: of all requests that are not read to their end
  MHD_Daemon* daemon_ = nullptr;
};

/// A socket that listens on an address, as "127.0.0.1", "localhost" or "::1", and a port, of which 0 is any free one.
/// Throws Error that says why there is none.
int listen_on(const std::string& address, int port);
/// The port of a socket that listens.
int port_of(int socket);
/// One on a path, which only this user may use. One that is left of a server that is gone is replaced.
int listen_on_path(const std::string& path);

}  // namespace heed::serve

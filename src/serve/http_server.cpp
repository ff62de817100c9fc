#include "http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "heed/base/error.h"
#include "problem.h"

namespace heed::serve {
namespace {

// A connection's own memory: the head of a request has to fit into it.
constexpr std::size_t kConnectionMemory = std::size_t{16} << 10;
// Of which a request has one at most.
constexpr std::array<std::string_view, 4> kSingleHeaders = {"content-length", "transfer-encoding", "host",
                                                            "authorization"};
constexpr std::size_t kReadInVain = std::size_t{16} << 20;
// What a stream of events is read in.
constexpr std::size_t kPiece = std::size_t{8} << 10;

std::string client_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (info == nullptr || info->client_addr == nullptr) return "";
  const sockaddr* address = info->client_addr;
  const void* bytes = nullptr;
  // The layout of socket addresses is the system's.
  if (address->sa_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;     // NOLINT
  if (address->sa_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;  // NOLINT
  if (bytes == nullptr) return "";
  return inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

MHD_Result add_header(void* to, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  std::string key = name;
  std::ranges::transform(key, key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  // Proxies and servers that read such a head in two ways take one request for another.
  auto& request = *static_cast<HttpRequest*>(to);
  const bool is_new = request.headers.try_emplace(key, value == nullptr ? "" : value).second;
  const bool is_single = std::ranges::find(kSingleHeaders, key) != kSingleHeaders.end();
  if ((!is_new && is_single) || key.find_first_of(" \t") != std::string::npos) request.is_ambiguous = true;
  return MHD_YES;
}

/// As many files as the system allows: each connection is one.
void allow_connections(unsigned connections) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, rlim_t{connections} + 1000);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

/// libmicrohttpd knows an exchange by a pointer to what owns it.
struct HttpServer::Callbacks {
  using Owner = std::shared_ptr<Exchange>;
  struct RequestLine {
    const char* method;
    const char* path;
  };

  static MHD_Result access(void* self, MHD_Connection* connection, const char* path, const char* method,
                           const char* /*version*/, const char* data, size_t* size, void** held) {
    // No exception may go through the library: who has no memory for a request closes its connection.
    try {
      HttpServer& server = *static_cast<HttpServer*>(self);
      if (*held == nullptr) return begin(server, connection, {method, path}, held);
      return go_on(server, connection, {data, std::exchange(*size, 0)}, *static_cast<Owner*>(*held));
    } catch (...) {
      return MHD_NO;
    }
  }

  static MHD_Result go_on(HttpServer& server, MHD_Connection* connection, std::string_view data, const Owner& owner) {
    Exchange& exchange = *owner;
    if (!data.empty()) return read(server, exchange, data);
    if (!exchange.dispatched_) server.take_body(owner);
    return server.send(exchange, connection) ? MHD_YES : MHD_NO;
  }

  /// The head is there. What is refused now is answered before its body is read.
  static MHD_Result begin(HttpServer& server, MHD_Connection* connection, const RequestLine& line, void** held) {
    // It is deleted by completed().
    auto* owner = new Owner(std::make_shared<Exchange>());  // NOLINT(cppcoreguidelines-owning-memory)
    *held = owner;
    Exchange& exchange = **owner;
    exchange.request.path = line.path;
    exchange.request.method = line.method;
    server.begin(exchange, connection);
    std::optional<HttpResponse> refused = server.refusal(exchange);
    if (!refused) return MHD_YES;
    exchange.dispatched_ = true;
    exchange.answer(std::move(*refused));
    return server.send(exchange, connection) ? MHD_YES : MHD_NO;
  }

  static MHD_Result read(HttpServer& server, Exchange& exchange, std::string_view data) {
    // One that sends its body for ever, byte by byte or without a length, is cut off.
    if (Exchange::Clock::now() - exchange.begin > server.options_.most_reading) return MHD_NO;
    std::string& body = exchange.request.body;
    if (body.size() + data.size() > server.options_.most_body) exchange.overflowed_ = true;
    if (exchange.overflowed_) return MHD_YES;
    if (server.body_bytes_ + data.size() > server.options_.most_bodies) return MHD_NO;
    server.body_bytes_ += data.size();
    body += data;
    return MHD_YES;
  }

  static ssize_t next_piece(void* held, uint64_t /*position*/, char* to, size_t most) noexcept {
    Exchange& exchange = **static_cast<Owner*>(held);
    const std::lock_guard lock(exchange.mutex_);
    if (!exchange.pieces_.empty()) {
      const std::size_t size = exchange.pieces_.copy(to, most);
      exchange.pieces_.erase(0, size);
      exchange.bytes_ += size;
      return static_cast<ssize_t>(size);
    }
    if (exchange.finished_) return MHD_CONTENT_READER_END_OF_STREAM;
    exchange.suspended_ = true;
    MHD_suspend_connection(exchange.connection_);
    return 0;
  }

  static void connected(void* self, MHD_Connection* connection, void** /*own*/, MHD_ConnectionNotificationCode what) {
    HttpServer& server = *static_cast<HttpServer*>(self);
    const bool begins = what == MHD_CONNECTION_NOTIFY_STARTED;
    server.handlers_.connected(begins ? 1 : -1);
    const std::lock_guard lock(server.mutex_);
    begins ? void(server.waiting_[connection] = Exchange::Clock::now()) : void(server.waiting_.erase(connection));
  }

  static void release(void* held) { delete static_cast<Owner*>(held); }  // NOLINT(cppcoreguidelines-owning-memory)

  static void completed(void* self, MHD_Connection* /*connection*/, void** held, MHD_RequestTerminationCode how) {
    if (*held == nullptr) return;
    HttpServer& server = *static_cast<HttpServer*>(self);
    server.end(**static_cast<Owner*>(*held), how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    release(std::exchange(*held, nullptr));
  }
};

HttpServer::HttpServer(int socket, HttpOptions options, Handlers handlers)
    : options_(std::move(options)), handlers_(std::move(handlers)) {
  allow_connections(options_.connections);
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;
  std::vector<MHD_OptionItem> more;
  if (!options_.certificate.empty()) {
    flags |= MHD_USE_TLS;
    // The library takes what it does not change as changeable.
    more.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(options_.certificate.c_str())});  // NOLINT
    more.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(options_.key.c_str())});           // NOLINT
  }
  more.push_back({MHD_OPTION_END, 0, nullptr});
  daemon_ = MHD_start_daemon(flags, 0, nullptr, nullptr, &Callbacks::access, this,  //
                             MHD_OPTION_LISTEN_SOCKET, socket,                      //
                             MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::completed, this, MHD_OPTION_NOTIFY_CONNECTION,
                             &Callbacks::connected, this, MHD_OPTION_CONNECTION_LIMIT, options_.connections,  //
                             MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_CONNECTION_TIMEOUT,
                             static_cast<unsigned>(options_.most_idle.count()), MHD_OPTION_ARRAY, more.data(),
                             MHD_OPTION_END);
  if (daemon_ != nullptr) return;
  close(socket);
  throw Error(ErrorKind::kSystem, options_.certificate.empty()
                                      ? "the server cannot be started: there are no more files or threads"
                                      : "the server cannot be started: the certificate and its key are not right");
}

HttpServer::~HttpServer() { MHD_stop_daemon(daemon_); }

void HttpServer::begin(Exchange& exchange, MHD_Connection* connection) {
  exchange.connection_ = connection;
  exchange.request.client = client_of(connection);
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &add_header, &exchange.request);
  const std::lock_guard lock(mutex_);
  waiting_.erase(connection);
  ++open_;
}

void HttpServer::close_slow_heads() {
  const Exchange::Clock::time_point oldest = Exchange::Clock::now() - options_.most_idle - options_.most_reading;
  const std::lock_guard lock(mutex_);  // a connection that is here has its socket
  for (const auto& [connection, since] : waiting_) {
    const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (since < oldest && info != nullptr) shutdown(info->connect_fd, SHUT_RDWR);
  }
}

std::optional<HttpResponse> HttpServer::refusal(Exchange& exchange) const {
  const HttpRequest& request = exchange.request;
  if (request.is_ambiguous ||
      (request.headers.contains("transfer-encoding") && request.headers.contains("content-length"))) {
    return Problem(400, "bad_request", "the request's head can be read in two ways", {{"Connection", "close"}})
        .response();
  }
  if (std::optional<HttpResponse> refused = handlers_.admit(exchange)) return refused;
  const std::string_view length = exchange.request.header("content-length");
  std::uint64_t bytes = 0;
  const auto [end, fault] = std::from_chars(length.data(), length.data() + length.size(), bytes);
  // One that is a little too large is read all the same: many clients write to the end before they read why not.
  if (length.empty() || (fault == std::errc() && bytes <= options_.most_body + kReadInVain)) return std::nullopt;
  return too_large(options_.most_body);
}

void HttpServer::take_body(const std::shared_ptr<Exchange>& exchange) {
  exchange->dispatched_ = true;
  exchange->overflowed_ ? exchange->answer(too_large(options_.most_body)) : handlers_.handle(exchange);
  forget_body(*exchange);
}

void HttpServer::forget_body(Exchange& exchange) {
  body_bytes_ -= exchange.request.body.size();
  exchange.request.body = {};
}

bool HttpServer::send(Exchange& exchange, MHD_Connection* connection) {
  const std::lock_guard lock(exchange.mutex_);
  if (exchange.queued_) return true;
  if (!exchange.is_answered()) {
    exchange.suspended_ = true;
    MHD_suspend_connection(connection);
    return true;
  }
  exchange.queued_ = true;
  HttpResponse& answer = *exchange.response_;
  MHD_Response* response = nullptr;
  if (exchange.streams_) {
    auto* owner = new Callbacks::Owner(exchange.shared_from_this());  // NOLINT(cppcoreguidelines-owning-memory)
    response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kPiece, &Callbacks::next_piece, owner, &Callbacks::release);
  } else {
    exchange.bytes_ = answer.body.size();
    response = MHD_create_response_from_buffer(answer.body.size(), answer.body.data(), MHD_RESPMEM_PERSISTENT);
  }
  if (response == nullptr) return false;
  MHD_add_response_header(response, "Content-Type", answer.type.c_str());
  for (const auto& [name, value] : exchange.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  {
    const std::lock_guard server_lock(mutex_);
    if (draining_) MHD_add_response_header(response, "Connection", "close");
  }
  const bool queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response) == MHD_YES;
  MHD_destroy_response(response);
  return queued;
}

void HttpServer::end(Exchange& exchange, bool whole) {
  MHD_Connection* connection = nullptr;
  {
    const std::lock_guard lock(exchange.mutex_);
    connection = std::exchange(exchange.connection_, nullptr);
    if (!whole) exchange.gone_ = true;
  }
  forget_body(exchange);
  try {
    handlers_.ended(exchange);
  } catch (const std::exception&) {  // a line of the log that there is no memory for
  }
  const std::lock_guard lock(mutex_);
  if (whole) waiting_[connection] = Exchange::Clock::now();  // for the next request
  --open_;
  ended_.notify_all();
}

void HttpServer::drain(std::chrono::milliseconds most) {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  const int socket = MHD_quiesce_daemon(daemon_);
  if (socket != -1) close(socket);
  wait_until_sent(most);
}

void HttpServer::wait_until_sent(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, most, [this] { return open_ == 0; });
}

}  // namespace heed::serve

#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct MHD_Connection;

namespace heed::serve {

struct HttpRequest {
  std::string method;
  std::string path;    ///< decoded, without the query
  std::string client;  ///< its address
  std::string body;
  std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
  bool is_ambiguous = false;  ///< its head has twice what may be there once, or a name with a blank

  std::string_view header(std::string_view name) const;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  HttpHeaders headers = {};
};

/// What the access log and the metrics have of an exchange, beside its request.
struct ExchangeNotes {
  std::string route;  ///< "/translate"; empty: none of ours
  std::string model;
  std::string user;  ///< whose key it came with
  std::size_t sentences = 0;
};

/// A request and its answer, which any thread may give: one response, or one that is written piece by piece as
/// server-sent events do. The server's own thread sends it.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Clock = std::chrono::steady_clock;

  HttpRequest request;
  ExchangeNotes notes;  ///< to be written before the answer is
  HttpHeaders headers;  ///< of whatever is answered; likewise
  const Clock::time_point begin = Clock::now();

  /// The first answer counts; later ones are not sent.
  void answer(HttpResponse response);
  /// Begins an answer of this type, of which write() adds to the body and finish() ends it.
  void begin_stream(std::string type);
  void write(std::string_view piece);
  void finish();
  /// Bytes of a stream that were written and are not sent.
  std::size_t unread();
  /// Whether nobody waits for the answer any more. It is known when a piece cannot be sent.
  bool is_gone() const { return gone_; }
  int status() const { return status_; }
  std::uint64_t bytes_sent() const { return bytes_; }

 private:
  friend class HttpServer;
  bool is_answered() const { return response_.has_value(); }
  void wake();  // with the lock

  std::mutex mutex_;
  MHD_Connection* connection_ = nullptr;  // while it lives
  std::optional<HttpResponse> response_;
  std::string pieces_;  // of a stream, that are not sent
  bool streams_ = false;
  bool finished_ = false;
  bool suspended_ = false;
  // These are of the server's thread.
  bool dispatched_ = false;
  bool queued_ = false;
  bool overflowed_ = false;  // its body is larger than allowed
  std::atomic<bool> gone_{false};
  std::atomic<int> status_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace heed::serve

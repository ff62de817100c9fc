#pragma once
#include <stdexcept>
#include <string>

#include "exchange.h"

namespace heed::serve {

/// Why a request is not answered as it was meant: {"error": {"code": "unknown_model", "message": "..."}}.
class Problem : public std::runtime_error {
 public:
  Problem(int status, std::string code, const std::string& message, HttpHeaders headers = {})
      : std::runtime_error(message), status_(status), code_(std::move(code)), headers_(std::move(headers)) {}
  HttpResponse response() const;
  /// The object alone.
  std::string json() const;

 private:
  int status_;
  std::string code_;
  HttpHeaders headers_;
};

/// 400: the request is not right; 422: what it asks for cannot be had.
Problem bad_request(const std::string& message);
Problem unprocessable(const std::string& message);
/// 503: the server ends.
Problem stopping();
/// 413, of a body of more than so many bytes.
HttpResponse too_large(std::size_t most);
/// What a job becomes that throws: an Error of the data 422, one of the system 503, others 500.
Problem problem_of(const std::exception& error);

}  // namespace heed::serve

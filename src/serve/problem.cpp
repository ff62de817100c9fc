#include "problem.h"

#include <fmt/format.h>

#include <new>
#include <system_error>

#include "fields.h"
#include "heed/base/error.h"

namespace heed::serve {

std::string Problem::json() const {
  const OrderedJson out = {{"error", {{"code", code_}, {"message", what()}}}};
  return dump(out);
}

HttpResponse Problem::response() const { return {.status = status_, .body = json() + "\n", .headers = headers_}; }

Problem bad_request(const std::string& message) { return {400, "bad_request", message}; }
Problem unprocessable(const std::string& message) { return {422, "unprocessable", message}; }

Problem stopping() { return {503, "stopping", "the server is stopping"}; }

HttpResponse too_large(std::size_t most) {
  return Problem(413, "too_large", fmt::format("the body has more than {} bytes", most)).response();
}

Problem problem_of(const std::exception& error) {
  if (const auto* problem = dynamic_cast<const Problem*>(&error)) return *problem;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return {503, "out_of_memory", "there is not enough memory for this request"};
  }
  if (dynamic_cast<const std::system_error*>(&error) != nullptr) return {503, "unavailable", error.what()};
  if (dynamic_cast<const Cancelled*>(&error) != nullptr) {
    return {503, "timeout", "the answer took too long", {{"Retry-After", "1"}}};
  }
  if (const auto* own = dynamic_cast<const Error*>(&error)) {
    if (own->kind() == ErrorKind::kSystem) return {503, "unavailable", own->what()};
    return unprocessable(own->what());
  }
  return {500, "internal", error.what()};
}

}  // namespace heed::serve

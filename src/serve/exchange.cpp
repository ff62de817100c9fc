#include "exchange.h"

#include <microhttpd.h>

namespace heed::serve {

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

void Exchange::answer(HttpResponse response) {
  const std::lock_guard lock(mutex_);
  if (response_) return;
  status_ = response.status;
  response_ = std::move(response);
  finished_ = true;
  wake();
}

void Exchange::begin_stream(std::string type) {
  const std::lock_guard lock(mutex_);
  if (response_) return;
  status_ = 200;
  // Proxies that collect an answer before they send it would take its point away.
  response_ = HttpResponse{.type = std::move(type), .headers = {{"X-Accel-Buffering", "no"}}};
  streams_ = true;
  wake();
}

void Exchange::write(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (gone_ || finished_) return;
  pieces_ += piece;
  wake();
}

void Exchange::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  wake();
}

std::size_t Exchange::unread() {
  const std::lock_guard lock(mutex_);
  return pieces_.size();
}

void Exchange::wake() {
  if (!suspended_ || connection_ == nullptr) return;
  suspended_ = false;
  MHD_resume_connection(connection_);
}

}  // namespace heed::serve

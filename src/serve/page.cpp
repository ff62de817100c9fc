#include "page.h"

#include <fmt/format.h>
#include <sys/random.h>

#include "heed/base/error.h"
#include "heed/base/replace_all.h"
#include "heed/view/live_page.h"

namespace heed::serve {
namespace {

std::string nonce() {
  std::array<unsigned char, 16> bytes = {};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error(ErrorKind::kSystem, "the system gives no random numbers");
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace

HttpResponse page() {
  const std::string word = nonce();
  std::string text = live_page();
  for (const char* element : {"script", "style"}) {
    replace_all(text, fmt::format("<{}>", element), fmt::format("<{} nonce=\"{}\">", element, word));
  }
  const std::string policy = fmt::format(
      "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; img-src data: blob:; connect-src 'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      word);
  return {.body = std::move(text),
          .type = "text/html; charset=utf-8",
          .headers = {
              {"Content-Security-Policy", policy}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace heed::serve

#include "heed/base/message.h"

#include "fmt/format.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::size_t kMostBytes = 2000;  // bytes
constexpr std::size_t kHeadBytes = 1200;
constexpr std::size_t kTailBytes = 600;

}  // namespace

std::string bounded_message(std::string_view message) {
  if (message.size() <= kMostBytes) return std::string(message);
  const std::size_t head = utf8::boundary_before(message, kHeadBytes);
  const std::size_t tail = utf8::boundary_before(message, message.size() - kTailBytes);
  return fmt::format("{} [... {} bytes left out ...] {}", message.substr(0, head), tail - head, message.substr(tail));
}

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string megabytes_text(double bytes) {
  constexpr double kMegabyte = 1e6, kWhole = 100;
  const double megabytes = bytes / kMegabyte;
  return megabytes < kWhole ? fmt::format("{:.3g} MB", megabytes) : fmt::format("{:.0f} MB", megabytes);
}

}  // namespace heed

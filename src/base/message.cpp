#include "heed/base/message.h"

#include "fmt/format.h"

namespace heed {
namespace {

constexpr std::size_t kMostBytes = 2000;  // bytes
constexpr std::size_t kHeadBytes = 1200;
constexpr std::size_t kTailBytes = 600;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string bounded_message(std::string_view message) {
  if (message.size() <= kMostBytes) return std::string(message);
  std::size_t head = kHeadBytes;
  std::size_t tail = message.size() - kTailBytes;
  // A character has 4 bytes at most; what is longer is no text.
  for (int i = 0; i < 3 && continues_character(message[head]); ++i) --head;
  for (int i = 0; i < 3 && continues_character(message[tail]); ++i) ++tail;
  return fmt::format("{} [... {} bytes left out ...] {}", message.substr(0, head), tail - head, message.substr(tail));
}

}  // namespace heed

#include "api_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/utf8.h"

namespace heed::serve {
namespace {

constexpr std::size_t kShortest = 16;

/// In a time that tells nothing of where they differ.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different |= static_cast<unsigned char>(a[i] ^ b[i]);
  return different == 0;
}

}  // namespace

ApiKeys::ApiKeys(std::string path) : path_(std::move(path)) { reload(); }

void ApiKeys::reload() {
  if (path_.empty()) return;
  std::vector<Key> fresh;
  const std::string text = read_regular_file(path_, kMostOfSmallFile);
  long number = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    ++number;
    end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::vector<std::string_view> words = utf8::words(line);
    if (words.empty() || words.front().starts_with('#')) continue;
    if (words.size() != 2) throw Error::at({.file = path_, .line = number}, "no line 'NAME KEY'");
    if (words[1].size() < kShortest)
      throw Error::at({.file = path_, .line = number}, fmt::format("a key has {} characters or more", kShortest));
    fresh.push_back({std::string(words[0]), std::string(words[1])});
  }
  if (fresh.empty()) throw Error::at({.file = path_}, "has no key");
  const std::lock_guard lock(mutex_);
  keys_ = std::move(fresh);
}

std::optional<std::string> ApiKeys::user_of(std::string_view authorization) const {
  if (path_.empty()) return "";
  constexpr std::string_view kScheme = "bearer ";
  if (utf8::lowercase(authorization.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  const std::string_view given = authorization.substr(kScheme.size());
  const std::lock_guard lock(mutex_);
  std::optional<std::string> out;
  for (const Key& each : keys_) {
    if (is_same(each.key, given)) out = each.user;
  }
  return out;
}

}  // namespace heed::serve

#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "heed.h"
#include "heed/base/error.h"

namespace heed::capi {

/// Sets an option struct of so many bytes, which is that of the program's heed.h, to its defaults.
template <typename Options>
void init_options(Options* options, std::size_t size, Options defaults) noexcept {
  if (options == nullptr) return;
  defaults.size = size;
  std::memset(static_cast<void*>(options), 0, size);
  std::memcpy(static_cast<void*>(options), &defaults, std::min(size, sizeof defaults));
}

/// A caller's options; members that an older heed.h lacks have their defaults. Throws UsageError for a newer one.
template <typename Options>
Options given_options(const Options* options, void (*init)(Options*, std::size_t)) {
  Options out;
  init(&out, sizeof out);
  if (options == nullptr) return out;
  if (options->size < sizeof options->size)
    throw UsageError("options have no size: they were not set by their init function");
  if (options->size > sizeof out) throw UsageError("options have members that are unknown here: heed.h is newer");
  std::memcpy(static_cast<void*>(&out), options, options->size);
  return out;
}

/// Throws UsageError for an array that cannot be one.
template <typename Type>
void check_array(const Type* values, std::size_t count, std::size_t most = HEED_MAX_COUNT) {
  if (count > most) throw UsageError(fmt::format("a text or an array has a length of {}, more than {}", count, most));
  if (values == nullptr && count > 0) throw UsageError(fmt::format("a text or an array of length {} is NULL", count));
}

/// A caller's text.
inline std::string given_text(const heed_text& text) {
  check_array(text.data, text.length);
  return text.length == 0 ? std::string() : std::string(text.data, text.length);
}

/// The same of a sentence of the call, which an error tells.
inline std::string given_text(const heed_text& text, std::size_t sentence) {
  try {
    return given_text(text);
  } catch (const UsageError& error) {
    throw UsageError(error.what(), {.sentence = sentence});
  }
}

inline std::vector<std::string> given_texts(const heed_text* texts, std::size_t count) {
  check_array(texts, count);
  std::vector<std::string> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(given_text(texts[i], i));
  return out;
}

}  // namespace heed::capi

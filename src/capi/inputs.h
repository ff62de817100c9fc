#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "heed.h"
#include "heed/base/error.h"
#include "heed/translate/translator.h"

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

/// Throws UsageError for an argument, of so many elements or bytes, that cannot be one.
template <typename Type>
void check_array(std::string_view name, const Type* values, std::size_t count, const ErrorPlace& place = {},
                 std::size_t most = HEED_MAX_COUNT) {
  if (count > most) throw UsageError(fmt::format("{} has a length of {}, more than {}", name, count, most), place);
  if (values == nullptr && count > 0)
    throw UsageError(fmt::format("{} is NULL, with a length of {}", name, count), place);
}

/// A caller's text, of a place that an error tells.
inline std::string given_text(std::string_view name, const heed_text& text, const ErrorPlace& place = {}) {
  check_array(name, text.data, text.length, place);
  return text.length == 0 ? std::string() : std::string(text.data, text.length);
}

inline std::vector<std::string> given_texts(std::string_view name, const heed_text* texts, std::size_t count) {
  check_array(name, texts, count);
  std::vector<std::string> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(given_text("the text", texts[i], {.sentence = i}));
  return out;
}

/// The texts of a pair: errors tell it as those of its tokens do, "target:3: ...".
inline SentencePair given_pair(const heed_pair& pair, std::size_t place, const ScoreOptions& options) {
  const auto text = [place](const std::string& side, const heed_text& given) {
    const long line = static_cast<long>(place) + 1;
    const std::string name = side + ":" + std::to_string(line) + ": the text";
    return given_text(name, given, {.file = side, .line = line, .sentence = place});
  };
  return {text(options.source_name, pair.source), text(options.target_name, pair.target)};
}

}  // namespace heed::capi

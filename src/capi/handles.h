#pragma once
#include <atomic>
#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "heed.h"
#include "heed/metrics/registry.h"
#include "heed/record/translation.h"
#include "heed/translate/translator.h"

namespace heed::capi {

/// What each handle is derived from: it tells whether a pointer is a handle of its type that was not freed.
template <std::uint32_t kMagic>
class Handle {
 public:
  Handle() = default;
  ~Handle() { magic_ = 0; }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  bool is_live() const { return magic_ == kMagic; }

 private:
  volatile std::uint32_t magic_ = kMagic;  // or the compiler leaves out the last value, which nobody may read
};

/// A handle that a caller gives; builds with assertions stop at one that is none any more.
template <typename Type>
Type& checked(Type* handle) {
  assert(handle != nullptr && handle->is_live() && "a handle of heed.h is NULL, was freed, or is of another type");
  return *handle;
}

/// The same where NULL is a handle that has nothing.
template <typename Type>
const Type* known(const Type* handle) {
  return handle == nullptr ? nullptr : &checked(handle);
}

template <typename Type>
void free_handle(Type* handle) noexcept {
  if (handle != nullptr) delete &checked(handle);
}

/// A sentence of a result.
struct Sentence {
  Translated translated;                      // its weights are in `attention`
  std::vector<std::vector<float>> attention;  // of each answer, row after row
  std::vector<heed_link> links;
};

inline constexpr heed_text kNoText = {"", 0};
inline heed_text text_of(const std::string& text) { return {text.c_str(), text.size()}; }

}  // namespace heed::capi

struct heed_error : heed::capi::Handle<0x48454501> {
  heed_error(heed_code kind, std::string what, std::size_t which = HEED_UNKNOWN)
      : code(kind), message(std::move(what)), index(which) {}
  heed_code code;
  std::string message;
  std::size_t index;  // of the sentence
};

struct heed_model : heed::capi::Handle<0x48454502> {
  explicit heed_model(std::vector<heed::Bundle> bundles) : translator(std::move(bundles)) {}
  heed::Translator translator;
};

struct heed_cancellation : heed::capi::Handle<0x48454503> {
  std::atomic<bool> cancelled = false;
};

struct heed_result : heed::capi::Handle<0x48454504> {
  explicit heed_result(std::vector<heed::Translated> answers);
  std::vector<heed::capi::Sentence> sentences;
};

struct heed_evaluation : heed::capi::Handle<0x48454505> {
  explicit heed_evaluation(heed::MetricValue evaluated) : value(std::move(evaluated)) {}
  heed::MetricValue value;
};

#include <new>

#include "guarded.h"
#include "heed/base/error.h"
#include "heed/base/located_message.h"
#include "heed/base/version.h"

namespace heed::capi {
namespace {

heed_code code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kData:
      return HEED_ERROR_DATA;
    case ErrorKind::kModel:
      return HEED_ERROR_MODEL;
    case ErrorKind::kNumeric:
      return HEED_ERROR_NUMERIC;
    case ErrorKind::kSystem:
      return HEED_ERROR_SYSTEM;
    case ErrorKind::kUsage:
    case ErrorKind::kOutput:
    case ErrorKind::kArgument:
      break;
  }
  return HEED_ERROR_USAGE;
}

heed_error* no_memory() noexcept {
  static heed_error error(HEED_ERROR_SYSTEM, "no memory");  // so short that its text is inside of it
  return &error;
}

heed_error* error_of(const Error& error) {
  return new heed_error(code_of(error.kind()), located_message(error), error.place().sentence.value_or(HEED_UNKNOWN));
}

heed_error* new_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error_of(error);
  } catch (const Cancelled&) {
    return new heed_error(HEED_ERROR_CANCELLED, "cancelled");
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::exception& error) {
    return new heed_error(HEED_ERROR_INTERNAL, error.what());
  } catch (...) {
    return new heed_error(HEED_ERROR_INTERNAL, "an exception of an unknown type");
  }
}

}  // namespace

heed_error* current_error() noexcept {
  try {
    return new_error();
  } catch (...) {
    return no_memory();
  }
}

}  // namespace heed::capi

using heed::capi::known;

const char* heed_version(void) { return heed::kVersion; }
int32_t heed_abi_version(void) { return HEED_ABI_VERSION; }

int32_t heed_error_code(const heed_error* error) { return known(error) == nullptr ? HEED_OK : error->code; }
heed_text heed_error_message(const heed_error* error) {
  return known(error) == nullptr ? heed::capi::kNoText : heed::capi::text_of(error->message);
}
size_t heed_error_index(const heed_error* error) { return known(error) == nullptr ? HEED_UNKNOWN : error->index; }
void heed_error_free(heed_error* error) {
  if (error != heed::capi::no_memory()) heed::capi::free_handle(error);
}

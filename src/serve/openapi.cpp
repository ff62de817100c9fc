#include <string_view>

#include "api.h"
#include "heed/base/replace_all.h"
#include "heed/base/version.h"

namespace heed::serve {

extern const std::string_view kOpenApi;  // openapi.json, which the build puts here (cmake/Generated.cmake)

std::string openapi_document(const RequestLimits& limits) {
  std::string out(kOpenApi);
  replace_all(out, "VERSION", kVersion);
  replace_all(out, "MOST_BEAM", std::to_string(limits.beam));
  replace_all(out, "MOST_SENTENCES", std::to_string(limits.sentences));
  return out;
}

}  // namespace heed::serve

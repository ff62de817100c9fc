#pragma once
#include <string>

#include "heed/base/error.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// What is wrong, behind the place of the sentence in the call where no line of a file tells it: "sentence 3: ...".
inline std::string located_message(const Error& error) {
  const ErrorPlace& place = error.place();
  if (!place.sentence || place.line > 0) return error.what();
  return "sentence " + std::to_string(*place.sentence) + ": " + error.what();
}

}  // namespace heed

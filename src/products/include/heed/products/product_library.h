#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The library that computes the matrix products, with its version: "oneDNN 2.6.0".
std::string product_library();

}  // namespace heed

#pragma once
#include <string>

namespace heed {

/// The library that computes the matrix products, with its version: "oneDNN 2.6.0".
std::string product_library();

}  // namespace heed

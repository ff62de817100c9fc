#include "heed/products/product_library.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace heed {

std::string product_library() {
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace heed

#include "heed/products/product_library.h"

#ifndef HEED_WITHOUT_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace heed {

std::string product_library() {
#ifndef HEED_WITHOUT_ONEDNN
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
#else
  return "without oneDNN";
#endif
}

}  // namespace heed

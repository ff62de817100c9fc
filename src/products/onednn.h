#pragma once
#include <oneapi/dnnl/dnnl.hpp>

// What differs between the versions of oneDNN that Heed is built with: 2 (Debian 12) and 3 (Debian 13).
namespace heed {

/// The product a b into y as oneDNN would compute it. Version 3 has no description of an operation apart from its
/// choice.
inline dnnl::matmul::primitive_desc product_of(const dnnl::engine& engine, const dnnl::memory::desc& a,
                                               const dnnl::memory::desc& b, const dnnl::memory::desc& y,
                                               const dnnl::primitive_attr& attributes = {}) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, a, b, y, attributes};
#else
  return {{a, b, y}, attributes, engine};
#endif
}

}  // namespace heed

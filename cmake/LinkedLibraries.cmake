# What the libraries and heed::app link. The build reads this file, and so does find_package(heed) where they are static: nothing else is asked
# of who uses it. Each target is made once in a folder, under a name that no other project has: it may know the same library as its own.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(fmt CONFIG)
find_dependency(yaml-cpp CONFIG)
find_dependency(ZLIB)
find_dependency(PkgConfig)

# heed_dependency(NAME MODULE...): heed::deps::NAME is what pkg-config says of the modules.
macro(heed_dependency name)
  pkg_check_modules(HEED_${name} QUIET IMPORTED_TARGET ${ARGN})
  if(NOT HEED_${name}_FOUND)
    set(heed_FOUND OFF)
    set(heed_NOT_FOUND_MESSAGE "heed links ${ARGN}, which pkg-config does not find")
    return()
  endif()
  if(NOT TARGET heed::deps::${name})
    add_library(heed::deps::${name} INTERFACE IMPORTED)
    target_link_libraries(heed::deps::${name} INTERFACE PkgConfig::HEED_${name})
  endif()
endmacro()
heed_dependency(xxhash libxxhash)
heed_dependency(sentencepiece sentencepiece)
heed_dependency(icu icu-uc)
heed_dependency(zstd libzstd)
if(heed_FIND_COMPONENTS OR HEED_INFERENCE_ONLY) # what only uses models links none of these
  return()
endif()
heed_dependency(libedit libedit)
heed_dependency(pangocairo pangocairo fontconfig)
# The yardstick of `heed bench`. Debian's dnnl-config.cmake asks for OpenCL, which only a GPU build needs: name the library ourselves.
find_path(HEED_DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h)
find_library(HEED_DNNL_LIBRARY dnnl)
mark_as_advanced(HEED_DNNL_INCLUDE_DIR HEED_DNNL_LIBRARY)
if(NOT HEED_DNNL_INCLUDE_DIR OR NOT HEED_DNNL_LIBRARY)
  set(heed_FOUND OFF)
  set(heed_NOT_FOUND_MESSAGE "heed bench links oneDNN, which is not found")
elseif(NOT TARGET heed::deps::dnnl)
  add_library(heed::deps::dnnl UNKNOWN IMPORTED)
  set_target_properties(heed::deps::dnnl PROPERTIES IMPORTED_LOCATION ${HEED_DNNL_LIBRARY}
                                                    INTERFACE_INCLUDE_DIRECTORIES ${HEED_DNNL_INCLUDE_DIR})
endif()
find_dependency(OpenMP COMPONENTS CXX) # whose threads oneDNN has

# Every dependency is a Debian package that scripts/setup installs; each is private to the rooms that name it.
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_writer.hpp REQUIRED) # headers only, where the compiler looks anyway
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(SENTENCEPIECE REQUIRED IMPORTED_TARGET sentencepiece)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(GUMBO REQUIRED IMPORTED_TARGET gumbo) # of recipes/libreoffice-help
pkg_check_modules(PANGOCAIRO REQUIRED IMPORTED_TARGET pangocairo fontconfig)
add_library(xxhash::xxhash ALIAS PkgConfig::XXHASH)
add_library(hwy::hwy ALIAS PkgConfig::HWY)
add_library(sentencepiece::sentencepiece ALIAS PkgConfig::SENTENCEPIECE)
add_library(zstd::zstd ALIAS PkgConfig::ZSTD)
add_library(libedit::libedit ALIAS PkgConfig::LIBEDIT)
add_library(pangocairo::pangocairo ALIAS PkgConfig::PANGOCAIRO)

# Debian's dnnl-config.cmake asks for OpenCL, which only a GPU build needs: name the library ourselves.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
add_library(DNNL::dnnl UNKNOWN IMPORTED)
set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION ${DNNL_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})

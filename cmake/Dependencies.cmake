# What building Heed needs. Every dependency is a Debian package that scripts/setup installs; each is private to the rooms that name it.
set(CMAKE_FIND_PACKAGE_NAME heed) # as LinkedLibraries.cmake is read by find_package(heed REQUIRED)
set(heed_FIND_REQUIRED ON)
set(heed_FOUND ON)
include(cmake/LinkedLibraries.cmake)
if(NOT heed_FOUND)
  message(FATAL_ERROR "${heed_NOT_FOUND_MESSAGE}")
endif()
unset(CMAKE_FIND_PACKAGE_NAME)

# Headers only: who links libheed needs nothing of them.
find_package(nlohmann_json CONFIG REQUIRED)
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_writer.hpp REQUIRED) # where the compiler looks anyway

if(HEED_INFERENCE_ONLY)
  return()
endif()
find_package(CLI11 CONFIG REQUIRED)
pkg_check_modules(GUMBO REQUIRED IMPORTED_TARGET gumbo) # of recipes/translate-libreoffice

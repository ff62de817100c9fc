# `cmake --install build/release --prefix DIR`: the binary, the libraries, their headers, and what find_package(heed) and pkg-config need. Parts
# (--component): runtime, the binary with its manual pages and completions; library, what is shared; devel, for programs that use Heed;
# engine, also for mechanisms and trainings of one's own. cmake/Packages.cmake makes Debian packages of them.
include(CMakePackageConfigHelpers)
set(heed_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)
set(heed_exports heedInferenceTargets)
set(heedInferenceTargets heed_inference heed_c)
set(pc_names heed-inference heed-c)
if(NOT HEED_INFERENCE_ONLY)
  list(APPEND heed_exports heedTargets)
  set(heedTargets heed heed_commands)
  list(APPEND pc_names heed)
  install(TARGETS heed_app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
  if(HEED_PAGE_PROGRAM)
    install(FILES ${HEED_PAGE_PROGRAM} DESTINATION ${CMAKE_INSTALL_DATADIR}/heed RENAME heed.wasm COMPONENT runtime)
  endif()
  include(cmake/Told.cmake)
  configure_file(cmake/heed.service.in ${CMAKE_BINARY_DIR}/heed.service @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/heed.service DESTINATION lib/systemd/system COMPONENT runtime)
  list(APPEND rooms app)
endif()
foreach(export IN LISTS heed_exports)
  install(TARGETS ${${export}} EXPORT ${export}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT devel
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel)
  install(EXPORT ${export} NAMESPACE heed:: DESTINATION ${heed_package_dir} COMPONENT devel)
endforeach()

# A header says itself what it is (src/base/include/heed/base/export.h). Those of `kernels` stay here: no other header needs them.
foreach(room IN LISTS rooms)
  if(room STREQUAL "kernels")
    continue()
  endif()
  set(root ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/include)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*.h)
  foreach(header IN LISTS headers)
    file(STRINGS ${root}/${header} mark REGEX "^(namespace|#define) HEED_(ENGINE_|C_)?API " LIMIT_COUNT 1)
    if(NOT mark)
      message(FATAL_ERROR "${header} is installed: its namespace has to be marked HEED_API or HEED_ENGINE_API (heed/base/export.h)")
    endif()
    set(component devel)
    if(mark MATCHES "HEED_ENGINE_API")
      set(component engine)
    endif()
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${root}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT ${component})
  endforeach()
endforeach()
install(FILES ${heed_generated}/heed/base/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed/base COMPONENT devel)
# For mechanisms of one's own: the tests that every mechanism passes. They need GoogleTest.
install(FILES src/nn/tests/attention_conformance.h src/nn/tests/attention_probes.h src/autograd/tests/gradient_check.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed/testing COMPONENT engine)

configure_package_config_file(cmake/heedConfig.cmake.in ${CMAKE_BINARY_DIR}/heedConfig.cmake INSTALL_DESTINATION ${heed_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/heedConfig.cmake ${CMAKE_BINARY_DIR}/heedConfigVersion.cmake cmake/LinkedLibraries.cmake
        DESTINATION ${heed_package_dir} COMPONENT devel)

file(RELATIVE_PATH heed_prefix_from_pc /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
if(BUILD_SHARED_LIBS) # who links a static libheed links what it needs
  set(heed_pc_private ".private")
endif()
foreach(name IN LISTS pc_names)
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
endforeach()

# `cmake --install build/release --prefix DIR`: the binary, libheed, its headers, and what find_package(heed) and pkg-config need. Parts
# (--component): runtime; devel, for programs that use Heed; engine, also for mechanisms and trainings of one's own.
include(CMakePackageConfigHelpers)
set(heed_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)
foreach(export heedInferenceTargets heedTargets)
  set(libraries heed heed_commands)
  if(export STREQUAL "heedInferenceTargets")
    set(libraries heed_inference heed_c)
  endif()
  install(TARGETS ${libraries} EXPORT ${export}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT devel
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel)
  install(EXPORT ${export} NAMESPACE heed:: DESTINATION ${heed_package_dir} COMPONENT devel)
endforeach()
install(TARGETS heed_app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)

# A header says itself what it is (src/base/include/heed/base/export.h). Those of `kernels` stay here: no other header needs them.
foreach(room IN LISTS rooms ITEMS app)
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
if(BUILD_SHARED_LIBS)
  set(heed_pc_private ".private")
else() # who links a static libheed links what it needs
  list(TRANSFORM OpenMP_CXX_LIB_NAMES PREPEND " -l" OUTPUT_VARIABLE heed_pc_libraries)
  string(CONCAT heed_pc_libraries " -ldnnl" ${heed_pc_libraries})
endif()
foreach(name heed heed-inference heed-c)
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
endforeach()
